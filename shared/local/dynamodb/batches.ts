import { AwsError } from "../http/service-error.ts";
import type { Throttling } from "../throttling/throttling.ts";
import { keyText, recordIn } from "./asked-rights.ts";
import type { DynaliteStore, DynamoAnswer } from "./dynalite-store.ts";
import type { LocalTable } from "./dynamodb-endpoint.ts";
import { itemBytes } from "./item-size.ts";
import type { StreamedWrites } from "./streamed-writes.ts";
import type { Item } from "./table-stream.ts";
import { readUnits, tooMuch, writeUnits, type Throughput } from "./throughput.ts";

export interface BatchOptions {
  readonly store: DynaliteStore;
  readonly writes: StreamedWrites;
  readonly throughput: Throughput;
  readonly throttling: Throttling;
  readonly tableOf: (name: unknown) => LocalTable;
}

/** What takes a batch's items as far as there is throughput, and gives back the others as unprocessed. */
export function createBatches({ store, writes, throughput, throttling, tableOf }: BatchOptions) {
  /** Those for which there is throughput, and the others. All refused is a refusal of the whole. */
  const admit = <T>(
    table: LocalTable,
    direction: "Read" | "Write",
    entries: readonly T[],
    useOf: (entry: T) => { readonly key: Item; readonly units: number },
  ): { readonly admitted: readonly T[]; readonly left: readonly T[] } => {
    const admitted: T[] = [];
    const left: T[] = [];
    for (const entry of entries) {
      const { key, units } = useOf(entry);
      const partition = keyText(key[table.partitionKey]);
      const refused =
        throttling.strikes(`dynamodb batch ${direction.toLowerCase()}`) ||
        throughput.take({ table, direction, partition, units }) !== undefined;
      (refused ? left : admitted).push(entry);
    }
    if (admitted.length === 0 && left.length > 0) throw tooMuch({ table, direction });
    return { admitted, left };
  };

  const only = (input: Item): readonly [LocalTable, unknown] => {
    const [first, ...more] = Object.entries(recordIn(input["RequestItems"]));
    if (first === undefined || more.length > 0)
      throw new AwsError("ValidationException", "A batch on none or several tables is not emulated.");
    return [tableOf(first[0]), first[1]];
  };

  return {
    async write(input: Item): Promise<DynamoAnswer> {
      const [table, given] = only(input);
      const requests = Array.isArray(given) ? (given as readonly unknown[]) : [];
      // What is too many or ill-formed, dynalite refuses whole.
      if (requests.length > MAX_WRITES) return store.call("BatchWriteItem", input);
      const { admitted, left } = admit(table, "Write", requests, (request) => {
        const { item, key } = writeOf(table, request);
        return { key, units: writeUnits(itemBytes(item ?? key)) };
      });
      const keys = admitted.map((request) => writeOf(table, request).key);
      const answer = await writes.write(table, keys, () =>
        store.call("BatchWriteItem", { ...input, RequestItems: { [table.name]: admitted } }),
      );
      return withLeft(answer, "UnprocessedItems", left.length === 0 ? {} : { [table.name]: left });
    },
    async read(input: Item): Promise<DynamoAnswer> {
      const [table, given] = only(input);
      const { Keys, ...more } = recordIn(given);
      const keys = Array.isArray(Keys) ? (Keys as readonly unknown[]).map(recordIn) : [];
      if (keys.length > MAX_READS) return store.call("BatchGetItem", input);
      const consistency = more["ConsistentRead"] === true ? "consistent" : "eventual";
      const { admitted, left } = admit(table, "Read", keys, (key) => ({
        key,
        units: readUnits(0, consistency),
      }));
      const answer = await store.call("BatchGetItem", {
        ...input,
        RequestItems: { [table.name]: { ...more, Keys: admitted } },
      });
      for (const item of [recordIn(answer.body["Responses"])[table.name] ?? []].flat()) {
        const partition = keyText(recordIn(item)[table.partitionKey]);
        const units = readUnits(itemBytes(recordIn(item)), consistency) - readUnits(0, consistency);
        throughput.charge({ table, direction: "Read", partition, units });
      }
      const unread = left.length === 0 ? {} : { [table.name]: { ...more, Keys: left } };
      return withLeft(answer, "UnprocessedKeys", unread);
    },
  };
}

const MAX_WRITES = 25;
const MAX_READS = 100;

function writeOf(table: LocalTable, request: unknown): { readonly item?: Item; readonly key: Item } {
  const { PutRequest, DeleteRequest } = recordIn(request);
  if (PutRequest === undefined) return { key: recordIn(recordIn(DeleteRequest)["Key"]) };
  const item = recordIn(recordIn(PutRequest)["Item"]);
  return { item, key: table.keyOf(item) };
}

function withLeft(
  answer: DynamoAnswer,
  field: "UnprocessedItems" | "UnprocessedKeys",
  left: Item,
): DynamoAnswer {
  if (answer.status !== 200) return answer;
  return { ...answer, body: { ...answer.body, [field]: { ...recordIn(answer.body[field]), ...left } } };
}
