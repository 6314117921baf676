import type { Access, Caller } from "../iam/access.ts";
import { AwsError } from "../http/service-error.ts";
import { jsonRefusal } from "../http/json-service.ts";
import { serveLoopback, type LocalResponse, type LoopbackServer } from "../http/loopback-server.ts";
import type { Throttling } from "../throttling/throttling.ts";
import { askedRights, recordIn } from "./asked-rights.ts";
import { createBatches } from "./batches.ts";
import { DYNAMODB } from "../signing/services.ts";
import type { DynaliteStore, DynamoAnswer } from "./dynalite-store.ts";
import { requireWithinLimits } from "./expression-limits.ts";
import { itemBytes } from "./item-size.ts";
import { createStreamedWrites } from "./streamed-writes.ts";
import type { Item, TableStream } from "./table-stream.ts";
import { createThroughput, readUnits, writeUnits, type Direction } from "./throughput.ts";

export interface LocalTable {
  readonly name: string;
  readonly arn: string;
  readonly partitionKey: string;
  /** Global secondary indexes, by their names: the attribute that partitions each. */
  readonly indexes: ReadonlyMap<string, string>;
  /** The attributes of an item that are its key. */
  keyOf(item: Item): Item;
  readonly stream: TableStream | undefined;
}

export interface DynamoOptions {
  readonly store: DynaliteStore;
  readonly tables: ReadonlyMap<string, LocalTable>;
  readonly access: Access;
  readonly throttling: Throttling;
  readonly now: () => number;
}

const CONTENT_TYPE = "application/x-amz-json-1.0";
const READS = new Set(["GetItem", "Query", "Scan"]);
const SINGLE_WRITES = new Set(["PutItem", "UpdateItem", "DeleteItem"]);
const KNOWN = new Set([
  ...READS,
  ...SINGLE_WRITES,
  "BatchGetItem",
  "BatchWriteItem",
  "DescribeTable",
  "TransactGetItems",
  "TransactWriteItems",
]);

/**
 * DynamoDB in front of dynalite: checks policies and limits, throttles, performs a key's writes one after another, and
 * appends what they changed to the table's stream before the writer hears of it.
 */
export async function serveDynamo(options: DynamoOptions): Promise<LoopbackServer> {
  const { store, tables, access, throttling, now } = options;
  const writes = createStreamedWrites(store);
  const throughput = createThroughput(throttling, now);
  const tableOf = (name: unknown): LocalTable => {
    const table = tables.get(typeof name === "string" ? (name.split("/").at(-1) ?? "") : "");
    if (table !== undefined) return table;
    throw new AwsError(
      "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
      `Requested resource not found: ${String(name)}`,
    );
  };
  const batches = createBatches({ store, writes, throughput, throttling, tableOf });

  /** Counted once a request, though it may ask for several rights. */
  const authorize = (caller: Caller, operation: string, input: Item): void => {
    const asked = askedRights(operation, input).map(({ action, table: name, index, partitions }) => {
      const table = tableOf(name);
      const leading = partitions(
        index === undefined ? table.partitionKey : (table.indexes.get(index) ?? table.partitionKey),
      );
      return {
        action: `dynamodb:${action}`,
        resource: index === undefined ? table.arn : `${table.arn}/index/${index}`,
        context: leading.length === 0 ? {} : { "dynamodb:LeadingKeys": leading },
      };
    });
    access.checkAll(caller, operation, asked);
  };

  /** Lets a request in for the least that it can need, and charges it afterwards with what it did need. */
  const metered = async (
    table: LocalTable,
    direction: Direction,
    input: Item,
    perform: (asking: Item) => Promise<DynamoAnswer>,
  ): Promise<DynamoAnswer> => {
    const partition = partitionIn(table, input);
    const least =
      direction === "Write"
        ? writeUnits(itemBytes(recordIn(input["Item"])))
        : readUnits(0, input["ConsistentRead"] === true ? "consistent" : "eventual");
    const used = { table, direction, partition };
    const refused = throughput.take({ ...used, units: least });
    if (refused !== undefined) throw refused;
    const asks = input["ReturnConsumedCapacity"] ?? "NONE";
    const { body, ...answer } = await perform(
      asks === "NONE" ? { ...input, ReturnConsumedCapacity: "TOTAL" } : input,
    );
    const { ConsumedCapacity: consumed, ...rest } = body;
    const units = recordIn(consumed)["CapacityUnits"];
    if (typeof units === "number" && units > least) throughput.charge({ ...used, units: units - least });
    return { ...answer, body: asks === "NONE" ? rest : body };
  };

  const single = (operation: string, input: Item): Promise<DynamoAnswer> => {
    const table = tableOf(input["TableName"]);
    if (input["ReturnValuesOnConditionCheckFailure"] === "ALL_OLD") {
      throw new AwsError(
        "ValidationException",
        "ReturnValuesOnConditionCheckFailure is not emulated: dynalite lacks it.",
      );
    }
    if (READS.has(operation)) return metered(table, "Read", input, (asking) => store.call(operation, asking));
    return metered(table, "Write", input, (asking) =>
      operation === "PutItem"
        ? writes.put(table, asking)
        : writes.write(table, [recordIn(input["Key"])], () => store.call(operation, asking)),
    );
  };

  const perform = (caller: Caller, operation: string, input: Item, bytes: number): Promise<DynamoAnswer> => {
    if (!KNOWN.has(operation)) {
      throw new AwsError(
        "UnknownOperationException",
        `The local DynamoDB does not support ${operation || "this call"}.`,
      );
    }
    authorize(caller, operation, input);
    requireWithinLimits(input, bytes);
    if (READS.has(operation) || SINGLE_WRITES.has(operation)) return single(operation, input);
    if (operation === "BatchWriteItem") return batches.write(input);
    if (operation === "BatchGetItem") return batches.read(input);
    if (operation === "DescribeTable") return store.call(operation, input);
    throw new AwsError("UnknownOperationException", "Transactions are authorized here, but not performed.");
  };

  return serveLoopback(async (request): Promise<LocalResponse> => {
    try {
      const caller = await access.authenticate(request, DYNAMODB);
      const { headers, body } = request;
      const operation = headers["x-amz-target"]?.split(".").at(-1) ?? "";
      const input = recordIn(JSON.parse(body.toString("utf8")));
      const answer = await perform(caller, operation, input, body.length);
      return {
        status: answer.status,
        headers: { "content-type": CONTENT_TYPE },
        body: JSON.stringify(answer.body),
      };
    } catch (error) {
      // DynamoDB answers a refusal with 400 where others use 403.
      if (error instanceof AwsError) {
        const status = error.status === 403 ? 400 : error.status;
        return jsonRefusal(CONTENT_TYPE)(new AwsError(error.code, error.message, status, error.fields));
      }
      throw error;
    }
  });
}

/** The partition that a call on one item, or a query, is on. */
function partitionIn(table: LocalTable, input: Item): string | undefined {
  const of = (operation: string) => askedRights(operation, input)[0]?.partitions(table.partitionKey)[0];
  return of("GetItem") ?? of("Query");
}
