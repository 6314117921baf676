import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { setImmediate as turn } from "node:timers/promises";
import { createDynamoSessionLog } from "#aws/dynamo/dynamo-session-log.ts";
import { createDynamoWaitRoom } from "#aws/dynamo/dynamo-wait-room.ts";
import { STREAM_PARTITION } from "#aws/names.ts";
import { parseTenantId } from "#core/ids.ts";
import type { LocalCloud } from "#local/cloud.ts";
import { connectionTo } from "#local/connection-to.ts";
import { createMemoryBlobs } from "#memory/memory-blobs.ts";
import { createMovableClock } from "#memory/movable-clock.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { createRandomIds } from "#node/random-ids.ts";
import { createEventStreams } from "#runtime/doors/stream/create-event-streams.ts";
import type { HttpRequest } from "#runtime/doors/http/http-message.ts";
import { STREAM_MEMORY_MB } from "../../infra/settings/memory.ts";
import { PRICES } from "./prices.ts";
import { countUnits } from "./count-units.ts";

/** What an hour costs in which one reader follows a session in which nothing happens, US dollars. */
export interface StreamHour {
  readonly streams: number;
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly usd: number;
}

const HOUR_MS = 3_600_000;
const PER_MILLION = 1e6;
const MB_A_GB = 1_024;
const SECONDS_AN_HOUR = 3_600;
/** What the stream tells its reader to wait before it resumes, ms. */
const RESUME_MS = 500;

/**
 * Follows a session for an hour of a movable clock, over as many streams as it takes, and counts the capacity units that it
 * takes. The function's time is the hour itself: it is open all the while.
 */
export async function measureStreamHour(
  cloud: LocalCloud,
  session: { readonly table: string; readonly tenant: string; readonly session: string },
): Promise<StreamHour> {
  const client = new DynamoDBClient(connectionTo(cloud.environment, "DYNAMODB"));
  const units = countUnits(client);
  const clock = createMovableClock(cloud.clock.now());
  const digest = createNodeDigest();
  const { table } = session;
  const blobs = createMemoryBlobs();
  const serve = createEventStreams(
    { log: createDynamoSessionLog({ client, table, digest, blobs }), blobs, digest, clock },
    {
      room: createDynamoWaitRoom({
        ...{ client, table, clock, ids: createRandomIds() },
        bounds: { total: 100, perTenant: 25 },
        partition: STREAM_PARTITION,
      }),
    },
  );
  let after = 0;
  let streams = 0;
  // The first one also tells what there is.
  const follow = async (): Promise<void> => {
    streams += 1;
    const response = await serve(requestFor(session, after));
    if (!("frames" in response)) throw new Error(`A stream was refused: ${response.body}`);
    for await (const frame of response.frames) after = Number(/^id: (\d+)$/m.exec(frame)?.[1] ?? after);
  };
  try {
    await moving(clock, follow());
    const ends = clock.now() + HOUR_MS;
    const before = { ...units };
    streams = 0;
    while (clock.now() < ends) {
      clock.advanceBy(RESUME_MS);
      await moving(clock, follow());
    }
    return priced(streams, units.read - before.read, units.write - before.write);
  } finally {
    client.destroy();
  }
}

function priced(streams: number, readUnits: number, writeUnits: number): StreamHour {
  const gbSeconds = SECONDS_AN_HOUR * (STREAM_MEMORY_MB / MB_A_GB);
  const usd =
    gbSeconds * PRICES.lambdaGbSecond +
    (streams * PRICES.lambdaRequest +
      readUnits * PRICES.dynamoReadUnit +
      writeUnits * PRICES.dynamoWriteUnit) /
      PER_MILLION;
  return { streams, readUnits, writeUnits, usd };
}

/** Moves the clock to its next timer whenever nothing but time is waited for. */
async function moving(clock: ReturnType<typeof createMovableClock>, work: Promise<void>): Promise<void> {
  const under = { way: true };
  const done = work.finally(() => (under.way = false));
  while (under.way) {
    const next = clock.nextTimer();
    if (next !== undefined) clock.advanceTo(next);
    await turn();
  }
  await done;
}

const requestFor = (
  { tenant, session }: { readonly tenant: string; readonly session: string },
  after: number,
): HttpRequest => ({
  method: "GET",
  path: `/sessions/${session}/events`,
  query: { reader: "one" },
  headers: { accept: "text/event-stream", "last-event-id": String(after) },
  caller: { source: "price", tenant: parseTenantId(tenant), rights: ["read"] },
});
