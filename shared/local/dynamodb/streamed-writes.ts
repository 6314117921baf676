import type { DynaliteStore, DynamoAnswer } from "./dynalite-store.ts";
import type { LocalTable } from "./dynamodb-endpoint.ts";
import { createKeyLocks } from "./key-locks.ts";
import { recordIn } from "./asked-rights.ts";
import type { Item } from "./table-stream.ts";

export interface StreamedWrites {
  /** A put, the hot path: dynalite itself tells what stood there, so nothing is read. */
  put(table: LocalTable, input: Item): Promise<DynamoAnswer>;
  /** Any other write, with the keys that it names. */
  write(
    table: LocalTable,
    keys: readonly Item[],
    perform: () => Promise<DynamoAnswer>,
  ): Promise<DynamoAnswer>;
}

/** Performs a key's writes one after another, and appends what they changed to the table's stream before the writer hears of it. */
export function createStreamedWrites(store: DynaliteStore): StreamedWrites {
  const locks = createKeyLocks();
  const lockOf = ({ name }: LocalTable, key: Item) => `${name} ${JSON.stringify(key)}`;
  const read = async ({ name }: LocalTable, key: Item): Promise<Item | undefined> => {
    const { body } = await store.call("GetItem", { TableName: name, Key: key, ConsistentRead: true });
    return body["Item"] === undefined ? undefined : recordIn(body["Item"]);
  };

  return {
    put(table, input) {
      const { stream } = table;
      if (stream === undefined) return store.call("PutItem", input);
      const item = recordIn(input["Item"]);
      const key = table.keyOf(item);
      return locks.run([lockOf(table, key)], async () => {
        const answer = await store.call("PutItem", { ...input, ReturnValues: "ALL_OLD" });
        if (answer.status !== 200) return answer;
        const before = answer.body["Attributes"];
        stream.append(key, before === undefined ? undefined : recordIn(before), item);
        if (input["ReturnValues"] === "ALL_OLD") return answer;
        const { Attributes: _hidden, ...body } = answer.body;
        return { ...answer, body };
      });
    },
    write(table, keys, perform) {
      const { stream } = table;
      if (stream === undefined) return perform();
      return locks.run(
        keys.map((key) => lockOf(table, key)),
        async () => {
          const before = await Promise.all(keys.map((key) => read(table, key)));
          const answer = await perform();
          if (answer.status === 200) {
            const after = await Promise.all(keys.map((key) => read(table, key)));
            keys.forEach((key, at) => stream.append(key, before[at], after[at]));
          }
          return answer;
        },
      );
    },
  };
}
