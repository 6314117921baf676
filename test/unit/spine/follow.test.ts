import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ApiAnswer } from "#client/call.ts";
import { createSpineClient, type LoggedEvent } from "#client/client.ts";
import { sseFrames } from "#core/sse-frames.ts";
import type { StreamCall, StreamRequest } from "#client/stream-call.ts";
import { runs } from "../../support/runs.ts";

const LAST = 9;
const eventOf = (sequence: number) =>
  JSON.stringify({
    sequence: String(sequence),
    type: "EventReceived",
    time: "2030-01-01T00:00:00.000Z",
    tenant: "acme",
    session: "s1",
    data: { text: "one\ntwo" },
  });
const frameOf = (sequence: number) => `id: ${sequence}\ndata: ${eventOf(sequence)}\n\n`;
const TYPE = { "content-type": "text/event-stream" };

/** Streams of a session of nine events; each is cut or ends as told, the last one stays open until it is left. */
function streams(...ends: readonly ((sequence: number) => "go on" | "end" | "cut")[]) {
  const asked: StreamRequest[] = [];
  const stream: StreamCall = (request) => {
    asked.push(request);
    const end = ends[asked.length - 1] ?? (() => "go on");
    const body = async function* () {
      yield "retry: 1\n\n: hello\n\n";
      for (let at = Number(request.headers["last-event-id"]) + 1; at <= LAST; at += 1) {
        const what = end(at);
        if (what === "end") return;
        if (what === "cut") {
          yield frameOf(at).slice(0, 20);
          throw new TypeError("terminated");
        }
        yield frameOf(at);
        yield `event: progress\ndata: {"text":"…"}\n\n`;
      }
    };
    return Promise.resolve({ status: 200, headers: TYPE, body: body() });
  };
  return { stream, asked };
}

const noCall = () => Promise.reject(new Error("Nobody reads pages."));

/** Follows to the last event. */
async function followed(events: AsyncIterable<LoggedEvent>): Promise<readonly number[]> {
  const read: number[] = [];
  for await (const { event } of events) {
    read.push(event.sequence);
    if (event.sequence === LAST) break;
  }
  return read;
}
const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

describe("following a session", () => {
  it("gets each event once, in order, however often a stream is cut or ends", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: LAST }), { maxLength: 3 }), async (ends) => {
        const { stream, asked } = streams(
          ...ends.map((last) => (at: number) => (at > last ? ("end" as const) : ("go on" as const))),
        );
        expect(await followed(createSpineClient(noCall, { stream }).follow("s1"))).toEqual(upTo(1, LAST));
        expect(asked[0]).toMatchObject({ headers: { "last-event-id": "0" } });
        // All by one name, so that each takes the place of the one before.
        expect(new Set(asked.map(({ path }) => path)).size).toBe(1);
        expect(asked[0]?.path).toMatch(/^\/sessions\/s1\/events\?reader=[\w-]{1,64}$/);
      }),
      { numRuns: runs(20) },
    );
  });

  it("goes on after a cut in the middle of a frame, from the last whole event", async () => {
    const { stream, asked } = streams((at) => (at === 4 ? "cut" : "go on"));
    expect(await followed(createSpineClient(noCall, { stream }).follow("s1", { after: 1 }))).toEqual(
      upTo(2, LAST),
    );
    expect(asked.map(({ headers }) => headers["last-event-id"])).toEqual(["1", "3"]);
  });

  it("tells what is refused, and at once that nobody answers", async () => {
    const refused = {
      status: 404,
      headers: {},
      body: (async function* () {
        yield `{"type":"x","detail":"Unknown session."}`;
      })(),
    };
    const client = createSpineClient(noCall, { stream: () => Promise.resolve(refused) });
    await expect(followed(client.follow("s1"))).rejects.toMatchObject({
      name: "ApiError",
      status: 404,
      message: "Unknown session.",
    });
    const nobody = createSpineClient(noCall, { stream: () => Promise.reject(new Error("Nobody is there.")) });
    await expect(followed(nobody.follow("s1"))).rejects.toThrow("Nobody is there.");
  });

  it("waits for room as long as it is told to", async () => {
    const { stream } = streams();
    let full = 2;
    const busy = () => ({
      status: 429,
      headers: { "retry-after": "0" },
      body: (async function* () {
        yield "{}";
      })(),
    });
    const client = createSpineClient(noCall, {
      stream: (request) => ((full -= 1) >= 0 ? Promise.resolve(busy()) : stream(request)),
    });
    expect(await followed(client.follow("s1"))).toEqual(upTo(1, LAST));
  });

  it.each([
    ["has no streams", () => Promise.resolve(undefined)],
    [
      "answers with a page",
      () =>
        Promise.resolve({
          status: 200,
          headers: { "content-type": "application/cloudevents-batch+json" },
          body: (async function* () {
            yield "[]";
          })(),
        }),
    ],
  ] satisfies [string, StreamCall][])("reads the log where the spine %s", async (_what, stream) => {
    const page = (path: string): ApiAnswer => {
      const after = Number(/after=(\d+)/.exec(path)?.[1]);
      return {
        status: 200,
        headers: {},
        body: `[${upTo(after + 1, LAST)
          .map(eventOf)
          .join(",")}]`,
      };
    };
    const client = createSpineClient(({ path }) => Promise.resolve(page(path)), { stream });
    expect(await followed(client.follow("s1", { after: 3 }))).toEqual(upTo(4, LAST));
  });

  it("ends with its signal", async () => {
    const leaving = new AbortController();
    const { stream } = streams();
    const read: number[] = [];
    for await (const { event } of createSpineClient(noCall, { stream }).follow("s1", {
      signal: leaving.signal,
    })) {
      read.push(event.sequence);
      if (event.sequence === LAST) leaving.abort();
    }
    expect(read).toEqual(upTo(1, LAST));
  });
});

describe("frames of Server-Sent Events", () => {
  const TEXT = `retry: 500\r\n\r\n: comment\n\nid: 1\ndata: a\ndata:  b\n\nevent: progress\ndata\n\nid: 2\rdata: {"x":1}\r\rid: 3\ndata: cut`;

  it("are the same however the text is cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: TEXT.length })), async (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), TEXT.length];
        const parts = async function* () {
          for (const [index, from] of at.slice(0, -1).entries()) yield TEXT.slice(from, at[index + 1]);
        };
        const frames = [];
        for await (const frame of sseFrames(parts())) frames.push(frame);
        expect(frames).toEqual([
          { retryMs: 500 },
          { id: "1", data: "a\n b" },
          { event: "progress", data: "" },
          { id: "2", data: '{"x":1}' },
        ]);
      }),
      { numRuns: runs(100) },
    );
  });
});
