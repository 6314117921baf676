import { randomUUID } from "node:crypto";
import { isJsonObject, type Json, type JsonObject } from "#core/json.ts";
import { apiError } from "#client/api-error.ts";
import { messagesOf, type StreamMessage } from "#console/model/sse-reader.ts";
import type { ConsoleSource } from "./console-source.ts";

/** What comes of a session: events of its log, the news that all of them are there, or what an agent says while it works. */
export type Followed =
  | { readonly type: "events"; readonly events: readonly JsonObject[] }
  | { readonly type: "complete" }
  | { readonly type: "progress"; readonly data: string };

export interface FollowOptions {
  readonly session: string;
  readonly after: number;
  /** Goes on with what is committed from then on. */
  readonly live: boolean;
  readonly signal: AbortSignal;
  /** Between polls, where there is no stream. @default a second */
  readonly pauseMs?: number;
}

const PAUSE_MS = 1_000;
/** Before a stream that ended is opened again. */
const REOPEN_MS = 200;
/** Polls before a stream is tried again that could not be opened, such as one too many. */
const BUSY_POLLS = 5;
const NO_STREAM = Infinity;

/**
 * The events of a session after a sequence, in order, none left out and none twice: first what the log holds, page by page, then as a
 * stream of server-sent events, or by polling where the spine has no stream. Throws `ApiError` where the spine refuses.
 */
export async function* followEvents(
  source: ConsoleSource,
  { session, after: start, live, signal, pauseMs = PAUSE_MS }: FollowOptions,
): AsyncGenerator<Followed> {
  const path = `/sessions/${encodeURIComponent(session)}/events`;
  let after = start;
  for await (const events of pages(source, path, after)) {
    after = lastOf(events, after);
    yield { type: "events", events };
  }
  yield { type: "complete" };
  // Its next stream takes over from the one before, which may not know yet that it was cut.
  const reader = randomUUID();
  let pollsFirst = source.stream === undefined ? NO_STREAM : 0;
  while (live && !signal.aborted) {
    const opened: AsyncIterable<string> | number =
      pollsFirst > 0
        ? pollsFirst - 1
        : await opening(source, `${path}?after=${after}&live=true&reader=${reader}`, after, signal);
    if (typeof opened === "number") {
      pollsFirst = opened;
      await pause(pauseMs, signal);
      for await (const events of pages(source, path, after)) {
        after = lastOf(events, after);
        if (events.length > 0) yield { type: "events", events };
      }
      continue;
    }
    for await (const { event, data } of whole(opened)) {
      if (event === "progress") yield { type: "progress", data };
      const parsed = event === "message" ? (JSON.parse(data) as Json) : undefined;
      if (!isJsonObject(parsed) || Number(parsed["sequence"]) <= after) continue;
      // A gap: what is missing comes when the stream is opened again.
      if (Number(parsed["sequence"]) > after + 1) break;
      after += 1;
      yield { type: "events", events: [parsed] };
    }
    await pause(REOPEN_MS, signal);
  }
}

/** The messages of a stream until it ends or is cut. */
async function* whole(parts: AsyncIterable<string>): AsyncGenerator<StreamMessage> {
  try {
    yield* messagesOf(parts);
  } catch {
    // It is opened again from the last event on; where nobody answers any more, that says so.
  }
}

/** The text of a stream; or after how many polls it may be tried again. */
async function opening(
  { stream }: ConsoleSource,
  path: string,
  after: number,
  signal: AbortSignal,
): Promise<AsyncIterable<string> | number> {
  const headers = { accept: "text/event-stream", "last-event-id": String(after) };
  const answer = await stream?.({ path, headers, signal }).catch(() => "fails" as const);
  if (answer === undefined) return NO_STREAM;
  if (answer === "fails") return BUSY_POLLS;
  if (answer.status === 200 && answer.headers["content-type"]?.startsWith("text/event-stream"))
    return answer.body;
  // Reading it to its end frees the connection.
  for await (const _ of answer.body);
  return answer.status === 429 || answer.status >= 500 ? BUSY_POLLS : NO_STREAM;
}

async function* pages(
  { call }: ConsoleSource,
  path: string,
  start: number,
): AsyncGenerator<readonly JsonObject[]> {
  for (let after = start; ;) {
    const answer = await call({ method: "GET", path: `${path}?after=${after}` });
    if (answer.status !== 200) throw apiError(answer);
    // A batch of CloudEvents, as docs/http.md has it.
    const events = JSON.parse(answer.body) as readonly JsonObject[];
    yield events;
    if (answer.headers["link"] === undefined || events.length === 0) return;
    after = lastOf(events, after);
  }
}

const lastOf = (events: readonly JsonObject[], after: number): number =>
  Number(events.at(-1)?.["sequence"] ?? after);

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
