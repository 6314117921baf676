import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHttpStreamCall, type StreamCall } from "#client/stream-call.ts";
import { createSpineClient } from "#client/client.ts";
import { sseFrames } from "#client/sse-frames.ts";
import { parseTenantId } from "#core/ids.ts";
import { startHttpServer, type RunningHttpServer } from "#local/http/http-server.ts";
import { startLocalSpine, type LocalSpine } from "#local/local-spine.ts";
import { createForward } from "../../scripts/start/forward.ts";
import { withStreams } from "../../scripts/start/forward-streams.ts";

let local: LocalSpine;
let front: RunningHttpServer;

beforeAll(async () => {
  local = await startLocalSpine();
  const handle = withStreams(createForward(local), local);
  front = await startHttpServer({ port: 0, tenant: parseTenantId("default"), handle });
}, 240_000);
afterAll(async () => {
  await front?.close();
  await local?.stop();
});

/** The two ways to a stream: the function's URL, signed, and the front of this machine. */
const WAYS: readonly (readonly [string, () => StreamCall])[] = [
  ["the bundled function's URL", () => createHttpStreamCall(local.streamUrl ?? "", local.authorize("reader"))],
  ["the front", () => createHttpStreamCall(front.url, () => Promise.resolve({}))],
];

const BOOKING = { text: "Could a plumber come one morning next week? The tap is dripping." };
const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

/** A session of the sample whose run has replied; gives its newest sequence. */
async function booked(session: string): Promise<number> {
  const client = local.clientOf("shop");
  const sent = await client.send(session, { id: "m1", type: "MessageReceived", data: BOOKING }, 20_000);
  expect(sent.reply).toBeDefined();
  return (await client.state(session)).sequence;
}

/** Reads a stream after an event until it has told the last one, and leaves it. */
async function readTo(stream: StreamCall, session: string, after: number, last: number) {
  const leaving = new AbortController();
  const headers = { accept: "text/event-stream", "last-event-id": String(after) };
  const answer = await stream({ path: `/sessions/${session}/events`, headers, signal: leaving.signal });
  expect([answer?.status, answer?.headers["content-type"]]).toEqual([200, "text/event-stream"]);
  const ids: number[] = [];
  if (answer === undefined || after === last) return (leaving.abort(), ids);
  for await (const { id } of sseFrames(answer.body)) {
    if (id !== undefined) ids.push(Number(id));
    if (ids.at(-1) === last) break;
  }
  leaving.abort();
  return ids;
}

describe("the stream of a session's events on the local runtime", () => {
  it.each(WAYS)("resumes after every event without a gap or a repeat, by %s", async (way, call) => {
    const session = `cut-${way.length}`;
    const last = await booked(session);
    expect(last).toBeGreaterThan(20);
    const client = createSpineClient(() => Promise.reject(new Error("Nobody reads pages.")), call());
    const followed: number[] = [];
    // The client goes on by itself, whatever is cut: here each stream is left after one event.
    for (let after = 0; after < last; after = followed.at(-1) ?? last) {
      for await (const { event } of client.follow(session, { after })) {
        followed.push(event.sequence);
        break;
      }
    }
    expect(followed).toEqual(upTo(1, last));
    for (const cut of [0, 1, Math.floor(last / 2), last - 1])
      expect(await readTo(call(), session, cut, last)).toEqual(upTo(cut + 1, last));
  }, 120_000);
});
