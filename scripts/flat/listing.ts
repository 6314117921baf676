import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import { createDynamoSessionIndex } from "#aws/dynamo/dynamo-session-index.ts";
import { indexItems } from "#aws/dynamo/session-index-items.ts";
import { parseAgentName, parseSessionId, parseTenantId } from "#core/ids.ts";
import { emptyOutline } from "#core/session/summary/outline.ts";
import type { ShownSessionState } from "#core/session/summary/summary.ts";
import { serveDynalite } from "#local/dynamodb/serve-dynalite.ts";
import { createMovableClock } from "#memory/movable-clock.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import type { IndexedSession } from "#ports/session-index.ts";
import type { HttpRequest, HttpResponse } from "#runtime/doors/http/http-message.ts";
import { createListSessions } from "#runtime/doors/http/list-sessions.ts";
import { countUnits, type CountedUnits } from "../price/count-units.ts";
import { median } from "../statistics.ts";
import { INDEX_TABLE_KEYS } from "./index-table-keys.ts";

/** A page of the list, as a caller asks for it. */
export interface Page {
  readonly name: string;
  readonly query: Readonly<Record<string, string>>;
}

/** What a page takes. */
export interface PageCost {
  readonly rows: number;
  readonly scanned: number;
  readonly requests: number;
  readonly readUnits: number;
  readonly ms: number;
}

export const PAGES: readonly Page[] = [
  { name: "newest", query: {} },
  { name: "waiting", query: { state: "waiting" } },
  { name: "of a flow", query: { flow: "rare" } },
  { name: "with a problem", query: { problem: "failed" } },
  { name: "CEL, one in 20", query: { filter: "tokens > 949" } },
  { name: "CEL, none", query: { filter: "tokens > 5000" } },
];

const TENANT = parseTenantId("default");
const STATES: readonly ShownSessionState[] = ["running", "waiting", "asking", "idle", "ended"];
const TABLE = "sessions";
/** One in so many ran the rare flow, and another one failed. */
const RARE = 200;
const BATCH = 25;
const SIDE_BY_SIDE = 8;
const ROUNDS = 5;
const BEGAN = Date.UTC(2030, 0, 1);

const digest = createNodeDigest();

/** Fills a table of rows in DynamoDB's emulator, and measures each page. */
export async function measureListing(
  sessions: number,
  onProgress: (written: number) => void = () => undefined,
): Promise<readonly PageCost[]> {
  const { url, close } = await serveDynalite();
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new DynamoDBClient({ endpoint: url, region: "eu-west-1", credentials });
  const counted = new DynamoDBClient({ endpoint: url, region: "eu-west-1", credentials });
  try {
    await client.send(
      new CreateTableCommand({ TableName: TABLE, BillingMode: "PAY_PER_REQUEST", ...INDEX_TABLE_KEYS }),
    );
    await fill(client, sessions, onProgress);
    const units = countUnits(counted);
    const index = createDynamoSessionIndex({ client: counted, table: TABLE, digest });
    const clock = createMovableClock(BEGAN);
    const list = createListSessions(clock, index);
    const costs: PageCost[] = [];
    for (const { query } of PAGES) costs.push(await costOf(() => list(requestFor(query)), units));
    return costs;
  } finally {
    client.destroy();
    counted.destroy();
    await close();
  }
}

async function costOf(ask: () => Promise<HttpResponse>, units: CountedUnits): Promise<PageCost> {
  const times: number[] = [];
  const before = { ...units };
  let told = { sessions: [] as unknown[], scanned: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    const { status, body } = await ask();
    times.push(performance.now() - began);
    if (status !== 200) throw new Error(body);
    told = JSON.parse(body) as typeof told;
  }
  return {
    rows: told.sessions.length,
    scanned: told.scanned,
    requests: (units.requests - before.requests) / ROUNDS,
    readUnits: (units.read - before.read) / ROUNDS,
    ms: median(times),
  };
}

async function fill(client: DynamoDBClient, sessions: number, onProgress: (written: number) => void) {
  let next = 0;
  const write = async (): Promise<void> => {
    while (next < sessions) {
      const from = next;
      next = Math.min(sessions, from + BATCH);
      const numbers = Array.from({ length: next - from }, (_, i) => from + i);
      const items = numbers.flatMap((number) => {
        const indexed = sessionAt(number);
        return indexItems({ tenant: TENANT, session: indexed.row.session }, indexed, digest);
      });
      const requests: WriteRequest[] = items.map((Item) => ({ PutRequest: { Item } }));
      const { UnprocessedItems = {} } = await client.send(
        new BatchWriteItemCommand({ RequestItems: { [TABLE]: requests } }),
      );
      if (Object.keys(UnprocessedItems).length > 0) throw new Error("The emulator left items unwritten.");
      onProgress(from);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, write));
}

/** The row of one of many sessions, a minute after the one before. */
function sessionAt(number: number): IndexedSession {
  const session = parseSessionId(`session-${String(number).padStart(6, "0")}`);
  const lastAt = BEGAN - number * 60_000;
  const flow = number % RARE === 0 ? "rare" : "visit";
  const flows = [{ name: flow, flow: `hash-of-${flow}` }];
  const problem = number % RARE === 1 && { problem: { kind: "failed" as const, at: lastAt, sequence: 9 } };
  const known = {
    agents: [parseAgentName("greeter")],
    tokens: (number * 37) % 1_000,
    money: 0,
    sequence: 9,
    ...problem,
  };
  const startedAt = lastAt - 5_000;
  return {
    row: {
      ...known,
      ...{ session, startedAt, lastAt, state: STATES[number % STATES.length] ?? "idle" },
      flows: flows.map((one) => ({ ...one, runs: 0 })),
    },
    base: { ...emptyOutline(startedAt), ...known, time: lastAt, flows },
  };
}

const requestFor = (query: Page["query"]): HttpRequest => ({
  method: "GET",
  path: "/sessions",
  query,
  headers: {},
  caller: { tenant: TENANT, source: "flat", rights: ["read"] },
});
