import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHttpStreamCall, type StreamCall } from "#client/stream-call.ts";
import { createSpineClient } from "#client/client.ts";
import { signedFetch } from "#client/signing/signed-fetch.ts";
import { sseFrames } from "#core/sse-frames.ts";
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
  [
    "the bundled function's URL",
    () => createHttpStreamCall(local.streamUrl ?? "", local.authorize("reader")),
  ],
  ["the front", () => createHttpStreamCall(front.url, () => Promise.resolve({}))],
];

const BOOKING = { text: "Could a plumber come one morning next week? The tap is dripping." };
const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

/** A session of the sample whose run has replied; gives its newest sequence. */
async function booked(session: string): Promise<number> {
  const sent = await fetch(`${front.url}/sessions/${session}/events`, {
    method: "POST",
    headers: { "content-type": "application/json", prefer: "wait=20" },
    body: JSON.stringify({ id: "m1", type: "MessageReceived", data: BOOKING }),
  });
  expect(sent.status).toBe(200);
  return (await local.clientOf("shop").state(session)).sequence;
}

/** Reads a stream after an event until it has told the last one, and leaves it. */
async function readTo(stream: StreamCall, session: string, after: number, last: number) {
  const leaving = new AbortController();
  const headers = { accept: "text/event-stream", "last-event-id": String(after) };
  const answer = await stream({
    path: `/sessions/${session}/events?reader=${session}`,
    headers,
    signal: leaving.signal,
  });
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

/** The same streams, each of which is cut after its first event. */
const cutting =
  (stream: StreamCall): StreamCall =>
  async (request) => {
    const leaving = new AbortController();
    const answer = await stream({ ...request, signal: leaving.signal });
    const body = async function* () {
      for await (const given of answer?.body ?? []) {
        // Nothing is gained by waiting as long as a reader should.
        const part = given.replace("retry: 500", "retry: 1");
        const end = part.indexOf("\n\n", part.indexOf("id: "));
        yield end === -1 || !part.includes("id: ") ? part : part.slice(0, end + 2);
        if (part.includes("id: ")) {
          leaving.abort();
          throw new TypeError("terminated");
        }
      }
    };
    return answer && { ...answer, body: body() };
  };

const pages = () => Promise.reject(new Error("Nobody reads pages."));

describe("the stream of a session's events on the local runtime", () => {
  it.each(WAYS)(
    "resumes after every event without a gap or a repeat, by %s",
    async (way, call) => {
      const session = `cut-${way.length}`;
      const last = await booked(session);
      expect(last).toBeGreaterThan(20);
      const followed: number[] = [];
      let cuts = 0;
      const counted: StreamCall = (request) => {
        cuts += 1;
        return cutting(call())(request);
      };
      for await (const { event } of createSpineClient(pages, { stream: counted }).follow(session)) {
        followed.push(event.sequence);
        if (event.sequence === last) break;
      }
      expect(followed).toEqual(upTo(1, last));
      expect(cuts).toBe(last);
      for (const cut of [0, 1, Math.floor(last / 2), last - 1])
        expect(await readTo(call(), session, cut, last)).toEqual(upTo(cut + 1, last));
    },
    60_000,
  );

  it.each(WAYS)("refuses what it cannot tell before it begins, by %s", async (_way, call) => {
    const told = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
      const answer = await call()({ path, headers: { accept: "text/event-stream", ...headers } });
      let body = "";
      for await (const part of answer?.body ?? []) body += part;
      return { status: answer?.status, problem: JSON.parse(body) as { readonly type: string } };
    };
    expect(await told("/sessions/nobody/events")).toMatchObject({
      status: 404,
      problem: { type: "urn:event-spine:problem:session.unknown" },
    });
    expect(await told("/sessions/nobody/events", { "last-event-id": "five" })).toMatchObject({ status: 400 });
    expect(await told("/sessions/nobody/events?after=-1")).toMatchObject({ status: 400 });
  });

  it("serves streams at its URL and nothing else, to signed requests", async () => {
    const url = local.streamUrl ?? "";
    const send = signedFetch(local.authorize("reader"));
    expect((await send(`${url}/sessions/nobody/state`)).status).toBe(404);
    const post = await send(`${url}/sessions/nobody/events`, { method: "POST", body: "{}" });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET"]);
    expect((await fetch(`${url}/sessions/nobody/events`)).status).toBe(403);
  });

  it("is not asked for by who accepts a page, and by who asks the ingress", async () => {
    const session = "paged";
    await booked(session);
    const page = await fetch(`${front.url}/sessions/${session}/events`);
    expect(page.headers.get("content-type")).toBe("application/cloudevents-batch+json");
  });

  it("holds up nobody when its reader stalls, and tells what is committed while it is open", async () => {
    const session = "watched";
    const last = await booked(session);
    const stalled = await fetch(`${front.url}/sessions/${session}/events`, {
      headers: { accept: "text/event-stream" },
    });
    expect(stalled.status).toBe(200);
    const leaving = new AbortController();
    const told: number[] = [];
    const following = (async () => {
      const options = { after: last, signal: leaving.signal };
      for await (const { event } of local.clientOf("shop").follow(session, options))
        told.push(event.sequence);
    })();
    const client = local.clientOf("shop");
    await client.send(session, { id: "m2", type: "MessageReceived", data: BOOKING }, 20_000);
    const { sequence } = await client.state(session);
    expect(sequence).toBeGreaterThan(last);
    await expect.poll(() => told.at(-1), { timeout: 20_000 }).toBe(sequence);
    expect(told).toEqual(upTo(last + 1, sequence));
    leaving.abort();
    await following;
    await stalled.body?.cancel();
  }, 60_000);
});
