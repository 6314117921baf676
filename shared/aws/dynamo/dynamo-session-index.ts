import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type AttributeValue,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import type { SessionKey } from "#core/ids.ts";
import { orderOf, type SessionRow } from "#core/session/summary/summary.ts";
import type { Digest } from "#ports/secrets.ts";
import type { SessionIndex } from "#ports/session-index.ts";
import { reaching } from "../aws-error.ts";
import { IndexAttribute } from "../names.ts";
import { partitionOf } from "./log-items.ts";
import { indexItems, listsOf, ownKey, readIndexItem, readRow } from "./session-index-items.ts";

export interface DynamoSessionIndexOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly digest: Digest;
}

type Item = Record<string, AttributeValue>;

/** Read of each list at first: of a page's rows each list has but a few. */
const FIRST_PAGE = 8;

/**
 * The index in a table of its own: an item a session, and global secondary indexes by state, flow and problem, in which the rows of
 * a value lie sorted by time in several partitions. A list merges them.
 */
export function createDynamoSessionIndex({ client, table, digest }: DynamoSessionIndexOptions): SessionIndex {
  const put = (key: SessionKey, item: Item, over: number | undefined) =>
    reaching(
      unreached(key),
      async () => {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: item,
            // A row of another form is none that anybody reads.
            ConditionExpression: `attribute_not_exists(#pk) OR #sequence < :sequence OR #form <> :form${over === undefined ? "" : " OR #sequence = :over"}`,
            ExpressionAttributeNames: {
              "#pk": IndexAttribute.partition,
              "#sequence": "sequence",
              "#form": "form",
            },
            ExpressionAttributeValues: {
              ":sequence": item["sequence"] ?? { N: "0" },
              ":form": item["form"] ?? { N: "0" },
              ...(over !== undefined && { ":over": { N: String(over) } }),
            },
          }),
        );
      },
      // A later row stands there.
      { answers: { ConditionalCheckFailedException: undefined } },
    );

  return {
    get: (key) =>
      reaching(unreached(key), async () => {
        const get = { TableName: table, Key: ownKey(key), ConsistentRead: true };
        return readIndexItem((await client.send(new GetItemCommand(get))).Item);
      }),

    async put(key, indexed, over) {
      const items = indexItems(key, indexed, digest);
      const own = items.at(-1);
      await Promise.all(items.slice(0, -1).map((item) => put(key, item, over)));
      if (own !== undefined) await put(key, own, over);
    },

    list: ({ tenant, of, before, limit }) =>
      reaching("The list of sessions cannot be read", async () => {
        const { index, attribute, names } = listsOf(tenant, of);
        const lists = names.map((name) => new List({ client, table, index, attribute, name, before }));
        return merged(lists, limit);
      }),

    remove: (key) =>
      reaching(unreached(key), async () => {
        const { Items = [] } = await client.send(
          new QueryCommand({
            TableName: table,
            ConsistentRead: true,
            KeyConditionExpression: "#pk = :pk",
            ProjectionExpression: "#pk, #sk",
            ExpressionAttributeNames: { "#pk": IndexAttribute.partition, "#sk": IndexAttribute.sort },
            ExpressionAttributeValues: { ":pk": { S: partitionOf(key) } },
          }),
        );
        await Promise.all(
          Items.map((found) => client.send(new DeleteItemCommand({ TableName: table, Key: found }))),
        );
      }),
  };
}

interface ListOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly index: string;
  readonly attribute: string;
  readonly name: string;
  readonly before: string | undefined;
}

/** One partition of an index, the newest row first; read on only when what was read is used up. */
class List {
  readonly #options: ListOptions;
  #rows: SessionRow[] = [];
  #start: Item | undefined;
  #isRead = false;

  constructor(options: ListOptions) {
    this.#options = options;
  }

  get head(): SessionRow | undefined {
    return this.#rows[0];
  }

  get needsMore(): boolean {
    return this.#rows.length === 0 && !this.#isRead;
  }

  next(): void {
    this.#rows.shift();
  }

  async read(limit: number): Promise<void> {
    const { client, table, index, attribute, name, before } = this.#options;
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: index,
        ScanIndexForward: false,
        Limit: limit,
        KeyConditionExpression: `#list = :list${before === undefined ? "" : " AND #order < :before"}`,
        ExpressionAttributeNames: {
          "#list": attribute,
          ...(before !== undefined && { "#order": IndexAttribute.order }),
        },
        ExpressionAttributeValues: {
          ":list": { S: name },
          ...(before !== undefined && { ":before": { S: before } }),
        },
        ...(this.#start !== undefined && { ExclusiveStartKey: this.#start }),
      }),
    );
    this.#rows.push(...Items.map(readRow));
    this.#start = LastEvaluatedKey;
    this.#isRead = LastEvaluatedKey === undefined;
  }
}

/** The newest rows of all lists. While an index catches up a session may stand in two of them: its newer row counts. */
async function merged(lists: readonly List[], limit: number): Promise<readonly SessionRow[]> {
  const rows = new Map<string, SessionRow>();
  let page = Math.min(limit, FIRST_PAGE);
  while (rows.size < limit) {
    const due = lists.filter((list) => list.needsMore);
    if (due.length > 0) {
      const size = page;
      await Promise.all(due.map((list) => list.read(size)));
      page = Math.min(limit, page * 2);
      continue;
    }
    const [newest] = lists
      .filter(({ head }) => head !== undefined)
      .toSorted((a, b) => (headOrder(a) < headOrder(b) ? 1 : -1));
    if (newest?.head === undefined) break;
    const { head } = newest;
    newest.next();
    if (!rows.has(head.session)) rows.set(head.session, head);
  }
  return [...rows.values()];
}

const headOrder = ({ head }: List): string => (head === undefined ? "" : orderOf(head));

const unreached = (key: SessionKey): string => `The index's entry of ${partitionOf(key)} cannot be reached`;
