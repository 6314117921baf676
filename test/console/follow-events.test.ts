import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { JsonObject } from "#core/json.ts";
import { createHttpIngress } from "#runtime/doors/create-http-ingress.ts";
import { RIGHTS } from "#core/rights.ts";
import type { ConsoleSource, StreamAnswer } from "../../scripts/console/console-source.ts";
import { followEvents } from "../../scripts/console/follow-events.ts";
import { openDesk, type Desk } from "./support/desk.ts";

let desk: Desk;
beforeEach(async () => {
  desk = openDesk();
  await desk.spine.send(
    "MessageReceived",
    { text: "A visit, please", street: "Mill Lane" },
    { session: "s" },
  );
  await desk.clock.runBy(3_000);
});
afterEach(async () => desk.close());

/** The spine's API in this process. */
function source(stream?: ConsoleSource["stream"]): ConsoleSource {
  const handle = createHttpIngress(desk.spine.engine);
  return {
    where: "here",
    options: "",
    call: ({ path, ...request }) => {
      const { pathname, searchParams } = new URL(path, "http://spine");
      const caller = { tenant: desk.spine.key("s").tenant, source: "console", rights: RIGHTS };
      return handle({
        headers: {},
        ...request,
        path: pathname,
        query: Object.fromEntries(searchParams),
        caller,
      });
    },
    ...(stream !== undefined && { stream }),
  };
}

/** A stream's answer; after what it says it is cut. */
const answered = (said: readonly string[], type: string, status = 200): StreamAnswer => ({
  status,
  headers: { "content-type": type },
  body: (async function* () {
    yield* await Promise.resolve(said);
    if (type === "text/event-stream") throw new Error("cut");
  })(),
});

const last = async (): Promise<number> => (await desk.spine.reader.current(desk.spine.key("s"))).sequence;
const sequencesOf = (events: readonly JsonObject[]) => events.map((event) => Number(event["sequence"]));
const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

/** Reads until `until` holds of what was read, and `act` is done once all that was there has come. */
async function read(
  from: ConsoleSource,
  after: number,
  until: (seen: readonly number[]) => boolean,
  act?: () => Promise<void>,
) {
  const closing = new AbortController();
  const seen: number[] = [];
  const progress: string[] = [];
  for await (const part of followEvents(from, {
    session: "s",
    after,
    live: true,
    signal: closing.signal,
    pauseMs: 1,
  })) {
    if (part.type === "events") seen.push(...sequencesOf(part.events));
    if (part.type === "progress") progress.push(part.data);
    if (part.type === "complete") await act?.();
    if (part.type !== "events" ? act === undefined && until(seen) : until(seen)) closing.abort();
    if (closing.signal.aborted) break;
  }
  return { seen, progress };
}

describe("following a session", () => {
  it("gives what the log holds from any event on, without gap or repeat", async () => {
    const count = await last();
    for (let after = 0; after < count; after += 1) {
      const { seen } = await read(source(), after, (got) => got.length === count - after);
      expect(seen).toEqual(upTo(count).slice(after));
    }
  });

  it("goes on by polling where the spine has no stream", async () => {
    const before = await last();
    const act = async () => desk.clock.runBy(60_000);
    const { seen } = await read(source(), 0, (got) => got.length > before + 3, act);
    expect(seen).toEqual(upTo(seen.length));
  });

  it("goes on by polling where the spine answers a stream's request with a page", async () => {
    const asked: string[] = [];
    const stream: ConsoleSource["stream"] = ({ path }) => {
      asked.push(path);
      return Promise.resolve(answered(["[]"], "application/cloudevents-batch+json"));
    };
    const { seen } = await read(
      source(stream),
      0,
      (got) => got.length > 20,
      async () => desk.clock.runBy(60_000),
    );
    expect(seen).toEqual(upTo(seen.length));
    expect(asked).toHaveLength(1);
  });

  it.each([
    [
      "has as many streams open as it may",
      () => Promise.resolve(answered(["{}"], "application/problem+json", 429)),
    ],
    ["does not answer", () => Promise.reject(new TypeError("fetch failed"))],
  ])("goes on by polling while the spine %s, and opens the stream some polls later", async (_, refused) => {
    const before = await last();
    let asked = 0;
    const stream: ConsoleSource["stream"] = () => {
      asked += 1;
      if (asked === 1) return refused();
      return Promise.resolve(
        answered([`id: ${before + 1}\ndata: {"sequence":"${before + 1}"}\n\n`], "text/event-stream"),
      );
    };
    const { seen } = await read(source(stream), 0, (got) => got.includes(before + 1));
    expect(seen).toEqual(upTo(before + 1));
    expect(asked).toBe(2);
  });

  it("reads a stream where there is one, resumes it at the last event, and passes on what agents say meanwhile", async () => {
    const before = await last();
    const asked: (readonly [string, string | undefined])[] = [];
    const pieces = [
      `event: progress\ndata: half a word\n\nid: ${before + 1}\ndata: {"sequence":"${before + 1}"}\n\n`,
      // Cut, and what comes then repeats, and leaves one out.
      `id: ${before + 1}\ndata: {"sequence":"${before + 1}"}\n\nid: ${before + 3}\ndata: {"sequence":"${before + 3}"}\n\n`,
      `id: ${before + 2}\ndata: {"sequence":"${before + 2}"}\n\nid: ${before + 3}\ndata: {"sequence":"${before + 3}"}\n\n`,
    ];
    const stream: ConsoleSource["stream"] = ({ path, headers }) => {
      asked.push([path, headers["last-event-id"]]);
      return Promise.resolve(answered(pieces.splice(0, 1), "text/event-stream"));
    };
    const { seen, progress } = await read(source(stream), 0, (got) => got.includes(before + 3));
    expect(seen).toEqual(upTo(before + 3));
    expect(progress).toEqual(["half a word"]);
    expect(asked.map(([, id]) => id)).toEqual([before, before + 1, before + 1].map(String));
    expect(asked[0]?.[0]).toMatch(
      new RegExp(`^/sessions/s/events\\?after=${before}&live=true&reader=[\\w-]+$`),
    );
  });

  it("refuses with the spine's own words", async () => {
    const reading = followEvents(source(), {
      session: "nobody",
      after: 0,
      live: false,
      signal: new AbortController().signal,
    });
    await expect(reading.next()).rejects.toMatchObject({ name: "ApiError", status: 404 });
  });
});
