import { describe, expect, it } from "vitest";
import { parseTenantId } from "#core/ids.ts";
import type { Right } from "#core/rights.ts";
import { createMemoryWaitRoom } from "#memory/memory-wait-room.ts";
import { createDoor } from "#runtime/doors/create-door.ts";
import { createHttpIngress } from "#runtime/doors/create-http-ingress.ts";
import type { HttpRequest } from "#runtime/doors/http/http-message.ts";
import { createEventStreams, STREAM_MS } from "#runtime/doors/stream/create-event-streams.ts";
import { answerOf, createBench, KEY, lastSent, ok, START, writing } from "./engine.ts";

const request = (headers: Readonly<Record<string, string>> = {}, rest: Partial<HttpRequest> = {}) => ({
  method: "GET",
  path: `/sessions/${KEY.session}/events`,
  query: {},
  headers: { accept: "text/event-stream", ...headers },
  caller: { tenant: KEY.tenant, source: "app", rights: ["read"] as readonly Right[] },
  ...rest,
});

/** A session whose first run is over, and streams of it. */
async function streaming(bounds = { total: 4, perTenant: 2 }) {
  const bench = createBench({ flows: [writing] });
  const room = createMemoryWaitRoom(bounds, bench.clock);
  const streams = createEventStreams(bench.engine, { room });
  const ingress = createHttpIngress(bench.engine);
  const say = async (id: string) => {
    const caller = { tenant: KEY.tenant, source: "app", rights: ["send"] as const };
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ type: "Asked", id });
    const sent = await ingress({ ...request({}, { method: "POST", body }), headers, caller });
    expect(sent.status).toBe(202);
    await createDoor(bench.engine).answer(answerOf(lastSent(bench), ok({ text: `About ${id}.` })));
  };
  await say("first");
  /** Opens a stream, and collects what it says until it ends or has said so many events. */
  const open = async (given: HttpRequest = request(), gone?: AbortSignal) => {
    const answer = await streams(given, gone);
    if (!("frames" in answer)) throw new Error(`Refused: ${answer.status} ${answer.body}`);
    const frames: string[] = [];
    const state = { ended: false };
    const iterator = answer.frames[Symbol.asyncIterator]();
    const read = (async () => {
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
        frames.push(next.value);
      state.ended = true;
    })();
    await bench.clock.runBy(0);
    return { answer, frames, state, read, ids: () => idsOf(frames) };
  };
  return { bench, streams, say, open };
}

const idsOf = (frames: readonly string[]): readonly number[] =>
  frames.flatMap((frame) =>
    [/^id: (\d+)$/m.exec(frame)?.[1]].flatMap((id) => (id === undefined ? [] : [Number(id)])),
  );
const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);
const newest = async ({ reader }: Awaited<ReturnType<typeof streaming>>["bench"]) =>
  (await reader.current(KEY)).sequence;

describe("the stream of a session's events", () => {
  it("tells each event as a page of the log does, and those that are committed later within a pause", async () => {
    const { bench, say, open } = await streaming();
    const { answer, frames, ids, state } = await open();
    expect(answer).toMatchObject({ status: 200, headers: { "content-type": "text/event-stream" } });
    expect(frames[0]).toMatch(/^retry: \d+\n\n$/);
    expect(ids()).toEqual(upTo(1, await newest(bench)));
    await say("second");
    await bench.clock.runBy(2_000);
    expect(ids()).toEqual(upTo(1, await newest(bench)));
    const told = frames.flatMap((frame) => /^data: (.*)$/m.exec(frame)?.[1] ?? []);
    const ingress = createHttpIngress(bench.engine);
    const page = await ingress(request());
    expect(`[${told.join(",")}]`).toEqual(JSON.stringify(JSON.parse(page.body)));
    for (const frame of frames) expect(frame).toMatch(/\n\n$/);
    expect(state.ended).toBe(false);
  });

  it("resumes after every event, by Last-Event-ID before the address, without a gap or a repeat", async () => {
    const { bench, open } = await streaming({ total: 100, perTenant: 100 });
    const last = await newest(bench);
    expect(last).toBeGreaterThan(4);
    for (let cut = 0; cut <= last; cut += 1) {
      const resumed = await open(request({ "last-event-id": String(cut) }, { query: { after: "1" } }));
      expect(resumed.ids()).toEqual(upTo(cut + 1, last));
      expect((await open(request({}, { query: { after: String(cut) } }))).ids()).toEqual(upTo(cut + 1, last));
    }
  });

  it("ends within a minute between two events, is kept alive until then, and looks at most twice a second", async () => {
    const { bench, open } = await streaming();
    let reads = 0;
    const { readAfter } = bench.log;
    Object.assign(bench.log, {
      readAfter: (...given: Parameters<typeof readAfter>) => {
        reads += 1;
        return readAfter(...given);
      },
    });
    const { frames, state, read } = await open();
    await bench.clock.runTo(START + STREAM_MS - 1);
    expect(state.ended).toBe(false);
    await bench.clock.runBy(1);
    await read;
    expect(state.ended).toBe(true);
    expect(STREAM_MS).toBeLessThan(60_000);
    expect(frames.filter((frame) => frame.startsWith(":")).length).toBeGreaterThanOrEqual(3);
    expect(reads).toBeLessThan(STREAM_MS / 1_500);
  });

  it("ends no later than whatever carries it", async () => {
    const { bench, open } = await streaming();
    const { read } = await open(request({}, { endsAt: START + 5_000 }));
    await bench.clock.runBy(5_000);
    await read;
    expect(bench.clock.waiting).toBe(0);
  });

  it("ends when nobody reads any more, and leaves its permit to the next", async () => {
    const { bench, open, streams } = await streaming({ total: 1, perTenant: 1 });
    const leaving = new AbortController();
    const { read } = await open(request(), leaving.signal);
    expect(await streams(request())).toMatchObject({ status: 429, headers: { "retry-after": "5" } });
    leaving.abort();
    await read;
    expect((await open()).ids().length).toBeGreaterThan(0);
    expect(bench.troubles).toEqual([]);
  });

  it("takes over from the one that its reader had open before, which ends", async () => {
    const { bench, open, streams } = await streaming({ total: 1, perTenant: 1 });
    const mine = { query: { reader: "tab-1" } };
    const before = await open(request({}, mine));
    const next = await open(request({}, mine));
    expect(next.ids()).toEqual(before.ids());
    await bench.clock.runBy(1_000);
    await before.read;
    expect(next.state.ended).toBe(false);
    expect(await streams(request({}, { query: { reader: "tab-2" } }))).toMatchObject({ status: 429 });
    expect(await streams(request())).toMatchObject({ status: 429 });
  });

  it("is bounded for a tenant, and leaves room for others", async () => {
    const { open, streams, bench } = await streaming({ total: 40, perTenant: 2 });
    await open();
    await open();
    const refused = await streams(request());
    expect(refused).toMatchObject({ status: 429 });
    const other = { tenant: parseTenantId("other"), source: "app", rights: ["read"] as const };
    expect(await streams(request({}, { caller: other }))).toMatchObject({ status: 404 });
    // A permit is free when its time is over, whatever became of its stream.
    await bench.clock.runBy(120_000);
    expect((await open()).ids()[0]).toBe(1);
  });

  it.each([
    [
      "a session that has no events",
      request({}, { path: "/sessions/nobody/events" }),
      404,
      "session.unknown",
    ],
    [
      "another tenant's session",
      request({}, { caller: { ...request().caller, tenant: parseTenantId("other") } }),
      404,
      "session.unknown",
    ],
    ["a Last-Event-ID that is no sequence", request({ "last-event-id": "five" }), 400, "last-event-id"],
    ["a reader whose name is none", request({}, { query: { reader: "a b" } }), 400, "reader"],
    ["an after that is no sequence", request({}, { query: { after: "-1" } }), 400, "after"],
    [
      "a caller that may not read",
      request({}, { caller: { ...request().caller, rights: ["send"] } }),
      403,
      "read",
    ],
    ["another path", request({}, { path: `/sessions/${KEY.session}/state` }), 404, "http.path"],
    ["another method", request({}, { method: "POST", body: "{}" }), 405, "http.method"],
  ])("refuses %s before it begins", async (_what, given, status, named) => {
    const { streams } = await streaming();
    const refused = await streams(given);
    expect(refused).toMatchObject({ status, headers: { "content-type": "application/problem+json" } });
    expect("body" in refused && refused.body).toContain(named);
  });

  it("answers 423 for a log that cannot be read, and ends where it can be read no more", async () => {
    const { bench, streams, open } = await streaming();
    const running = await open();
    const { readAfter } = bench.log;
    const spoiled = { first: 99, last: 99, text: "no commit", snapshot: false };
    const known = (await newest(bench)) + 1;
    Object.assign(bench.log, {
      readAfter: async (...given: Parameters<typeof readAfter>) => [...(await readAfter(...given)), spoiled],
    });
    await bench.clock.runBy(2_000);
    await running.read;
    expect(running.ids()).toEqual(upTo(1, known - 1));
    expect(bench.troubles.length).toBeGreaterThan(0);
    expect(await streams(request())).toMatchObject({ status: 423 });
  });

  it("misses nothing of a commit that reaches past the event after which it was asked to begin", async () => {
    const { bench, say, open } = await streaming();
    const ahead = (await newest(bench)) + 1;
    const { ids } = await open(request({ "last-event-id": String(ahead) }));
    await say("second");
    await bench.clock.runBy(2_000);
    expect(ids()).toEqual(upTo(ahead + 1, await newest(bench)));
  });
});
