import type { Access, Caller } from "../iam/access.ts";
import { AwsError } from "../http/aws-error.ts";
import { jsonRefusal } from "../http/json-service.ts";
import { serveLoopback, type LocalResponse, type LoopbackServer } from "../http/loopback-server.ts";
import { DYNAMODB } from "../signing/services.ts";
import type { DynaliteStore, DynamoAnswer } from "./dynalite-store.ts";
import { createKeyLocks } from "./key-locks.ts";
import type { Item, TableStream } from "./table-stream.ts";

export interface LocalTable {
  readonly name: string;
  readonly arn: string;
  readonly partitionKey: string;
  /** The attributes of an item that are its key. */
  keyOf(item: Item): Item;
  readonly stream: TableStream | undefined;
}

type Input = Readonly<Record<string, unknown>>;
/** A write's table, the keys that it names, and how it is performed. */
interface Write {
  readonly table: LocalTable;
  readonly keys: readonly Item[];
}

const CONTENT_TYPE = "application/x-amz-json-1.0";
const READS = new Set(["GetItem", "Query", "Scan", "DescribeTable"]);
const SINGLE_WRITES = new Set(["PutItem", "UpdateItem", "DeleteItem"]);

/**
 * DynamoDB in front of dynalite: checks policies, performs a key's writes one after another, and appends what they
 * changed to the table's stream before the writer hears of it.
 */
export async function serveDynamo(
  store: DynaliteStore,
  tables: ReadonlyMap<string, LocalTable>,
  access: Access,
): Promise<LoopbackServer> {
  const locks = createKeyLocks();
  const tableOf = (name: unknown): LocalTable => {
    const table = tables.get(typeof name === "string" ? (name.split("/").at(-1) ?? "") : "");
    if (table !== undefined) return table;
    throw new AwsError(
      "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
      `Requested resource not found: ${String(name)}`,
    );
  };
  const read = async ({ name }: LocalTable, key: Item): Promise<Item | undefined> => {
    const { body } = await store.call("GetItem", { TableName: name, Key: key, ConsistentRead: true });
    return asItem(body["Item"]);
  };

  /** Reads before and after a write, while nobody else writes these keys, and streams the difference. */
  const writing = ({ table, keys }: Write, perform: () => Promise<DynamoAnswer>): Promise<DynamoAnswer> => {
    const { stream } = table;
    if (stream === undefined) return perform();
    return locks.run(
      keys.map((key) => `${table.name} ${JSON.stringify(key)}`),
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
  };

  /** The hot path, a conditional put: dynalite itself tells what stood there, so nothing is read. */
  const put = (table: LocalTable, input: Input): Promise<DynamoAnswer> => {
    const { stream } = table;
    if (stream === undefined) return store.call("PutItem", input);
    const item = asItem(input["Item"]) ?? {};
    const key = table.keyOf(item);
    return locks.run([`${table.name} ${JSON.stringify(key)}`], async () => {
      const answer = await store.call("PutItem", { ...input, ReturnValues: "ALL_OLD" });
      if (answer.status !== 200) return answer;
      stream.append(key, asItem(answer.body["Attributes"]), item);
      if (input["ReturnValues"] === "ALL_OLD") return answer;
      const { Attributes: _hidden, ...body } = answer.body;
      return { ...answer, body };
    });
  };

  const single = (caller: Caller, operation: string, input: Input): Promise<DynamoAnswer> => {
    const table = tableOf(input["TableName"]);
    const leading = leadingKey(table, input);
    access.check(caller, operation, `dynamodb:${operation}`, resourceOf(table, input), {
      ...(leading !== undefined && { "dynamodb:LeadingKeys": leading }),
    });
    if (input["ReturnValuesOnConditionCheckFailure"] === "ALL_OLD") {
      throw new AwsError(
        "ValidationException",
        "ReturnValuesOnConditionCheckFailure is not emulated: dynalite lacks it.",
      );
    }
    if (operation === "PutItem") return put(table, input);
    if (!SINGLE_WRITES.has(operation)) return store.call(operation, input);
    return writing({ table, keys: [asItem(input["Key"]) ?? {}] }, () => store.call(operation, input));
  };

  const batch = async (caller: Caller, operation: string, input: Input): Promise<DynamoAnswer> => {
    const items = Object.entries(asItem(input["RequestItems"]) ?? {}).map(
      ([name, requests]) => [tableOf(name), requests] as const,
    );
    for (const [table] of items) access.check(caller, operation, `dynamodb:${operation}`, table.arn);
    const [first] = items;
    if (operation === "BatchGetItem" || first === undefined) return store.call(operation, input);
    if (items.length > 1)
      throw new AwsError("ValidationException", "A batch on several tables is not emulated.");
    const [table, requests] = first;
    const keys = (Array.isArray(requests) ? (requests as readonly unknown[]) : []).map((request) => {
      const { PutRequest, DeleteRequest } = asItem(request) ?? {};
      const item = asItem(asItem(PutRequest)?.["Item"]);
      return item === undefined ? (asItem(asItem(DeleteRequest)?.["Key"]) ?? {}) : table.keyOf(item);
    });
    return writing({ table, keys }, () => store.call(operation, input));
  };

  const perform = (caller: Caller, operation: string, input: Input): Promise<DynamoAnswer> => {
    if (READS.has(operation) || SINGLE_WRITES.has(operation)) return single(caller, operation, input);
    if (operation === "BatchWriteItem" || operation === "BatchGetItem")
      return batch(caller, operation, input);
    throw new AwsError(
      "UnknownOperationException",
      `The local DynamoDB does not know ${operation || "this call"}.`,
    );
  };

  return serveLoopback(async (request): Promise<LocalResponse> => {
    try {
      const caller = await access.authenticate(request, DYNAMODB);
      const { headers, body } = request;
      const operation = headers["x-amz-target"]?.split(".").at(-1) ?? "";
      const answer = await perform(caller, operation, asItem(JSON.parse(body.toString("utf8"))) ?? {});
      return {
        status: answer.status,
        headers: { "content-type": CONTENT_TYPE },
        body: JSON.stringify(answer.body),
      };
    } catch (error) {
      // DynamoDB answers a refusal with 400 where others use 403.
      if (error instanceof AwsError)
        return jsonRefusal(CONTENT_TYPE)(new AwsError(error.code, error.message, 400));
      throw error;
    }
  });
}

/** The partition that a call on one item names. */
function leadingKey({ partitionKey }: LocalTable, { Item: item, Key: key }: Input): string | undefined {
  const named = asItem(asItem(item ?? key)?.[partitionKey]);
  return typeof named?.["S"] === "string" ? named["S"] : undefined;
}

const resourceOf = ({ arn }: LocalTable, { IndexName }: Input): string =>
  typeof IndexName === "string" ? `${arn}/index/${IndexName}` : arn;

function asItem(value: unknown): Item | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
