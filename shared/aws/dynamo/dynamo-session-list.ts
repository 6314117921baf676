import { QueryCommand, type AttributeValue, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { orderOf, type SessionRow } from "#core/session/summary/summary.ts";
import type { SessionIndex } from "#ports/session-index.ts";
import { reaching } from "../aws-error.ts";
import { IndexAttribute } from "../names.ts";
import { listsOf, readRow } from "./session-index-items.ts";

type Item = Record<string, AttributeValue>;

/** Read of each list at first: of a page's rows each list has but a few. */
const FIRST_PAGE = 8;

/**
 * Lists sessions' rows by the global secondary indexes of their table, in which the rows of a value lie sorted by time in several
 * partitions: a list merges them.
 */
export function createDynamoSessionList(client: DynamoDBClient, table: string): Pick<SessionIndex, "list"> {
  return {
    list: ({ tenant, of, before, limit }) =>
      reaching("The list of sessions cannot be read", async () => {
        const { index, attribute, names } = listsOf(tenant, of);
        const lists = names.map((name) => new List({ client, table, index, attribute, name, before }));
        return merged(lists, limit);
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
