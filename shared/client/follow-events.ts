import { ApiError, apiError } from "./api-error.ts";
import type { LoggedEvent } from "./client.ts";
import { pause as sleep } from "./abortable-pause.ts";
import { sseFrames } from "#core/sse-frames.ts";
import type { StreamAnswer, StreamCall } from "./stream-call.ts";

export interface FollowOptions {
  /** The event after which it begins. @default 0, the beginning */
  readonly after?: number;
  /** Ends it. @default it goes on until the iteration ends */
  readonly signal?: AbortSignal;
}

/** How events are followed. */
export interface Following {
  /** The path of the session's events. */
  readonly path: string;
  readonly stream: StreamCall | undefined;
  /** The events after a sequence: where there are no streams, the log is read again and again. */
  readonly eventsAfter: (sequence: number) => Promise<readonly LoggedEvent[]>;
  /** Reads the data of a frame. */
  readonly read: (data: string) => LoggedEvent;
}

const TRY_AGAIN: ReadonlySet<number> = new Set([429, 502, 503]);
/** Times that a stream may fail to open, one after another: longer than a stream whose reader has gone keeps its permit. */
const MAX_FAILURES = 20;
/** Between them, where the spine says no other time. */
const PAUSE_MS = 1_000;
const MS_PER_SECOND = 1_000;
const POLL_MS = 400;
const NOT_STREAMED = "NotStreamed";

/**
 * The events of a session, each once and in order, as they are committed: reads one stream after the other, each from where the last one
 * ended or was cut. Throws `ApiError` for what is refused, and what the call throws where nobody answers time and again.
 */
export async function* followEvents(
  following: Following,
  { after = 0, signal }: FollowOptions = {},
): AsyncGenerator<LoggedEvent, void> {
  let last = after;
  let failures = 0;
  let retryMs = 0;
  let wasOpen = false;
  // Its next stream takes over from the one before, which may not know yet that it was cut.
  const reader = crypto.randomUUID();
  const isOver = () => signal?.aborted === true;
  while (!isOver()) {
    let isOpen = false;
    try {
      const opened = await open(following, { last, reader, signal });
      if (opened === NOT_STREAMED) return yield* poll(following, last, signal);
      failures = 0;
      wasOpen = isOpen = true;
      for await (const { data, event, id, retryMs: told } of sseFrames(opened.body)) {
        if (told !== undefined) retryMs = told;
        // What has no id is no event of the log: it comes while one is on its way.
        if (data === undefined || id === undefined || event !== undefined) continue;
        const logged = following.read(data);
        last = logged.event.sequence;
        yield logged;
      }
    } catch (error) {
      if (isOver()) return;
      failures += 1;
      if (error instanceof ApiError || !wasOpen || failures === MAX_FAILURES) throw error;
    }
    await pause(isOpen ? retryMs : Math.max(PAUSE_MS, retryMs), signal);
  }
}

interface Opening {
  readonly last: number;
  readonly reader: string;
  readonly signal: AbortSignal | undefined;
}

/** Opens a stream; tries again where there is no room for it at the moment. */
async function open(
  { path, stream }: Following,
  { last, reader, signal }: Opening,
): Promise<StreamAnswer | typeof NOT_STREAMED> {
  const headers = { accept: "text/event-stream", "last-event-id": String(last) };
  for (let tries = 1; ; tries += 1) {
    const answer = await stream?.({ path: `${path}?reader=${reader}`, headers, signal });
    if (answer === undefined) return NOT_STREAMED;
    const { status, headers: told } = answer;
    if (status === 200 && told["content-type"]?.startsWith("text/event-stream") === true) return answer;
    let body = "";
    for await (const part of answer.body) body += part;
    // A server of an older version answers with a page of the log.
    if (status === 200) return NOT_STREAMED;
    if (!TRY_AGAIN.has(status) || tries === MAX_FAILURES || signal?.aborted === true)
      throw apiError({ status, headers: told, body }, STREAM);
    await pause(Number(told["retry-after"] ?? 1) * MS_PER_SECOND, signal);
  }
}

const STREAM = { name: "The stream", grant: "spine.grantFollow(role)" };

async function* poll(
  { eventsAfter }: Following,
  after: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<LoggedEvent, void> {
  for (let last = after; signal?.aborted !== true;) {
    const events = await eventsAfter(last);
    yield* events;
    last = events.at(-1)?.event.sequence ?? last;
    await pause(POLL_MS, signal);
  }
}

const pause = async (ms: number, signal: AbortSignal | undefined): Promise<void> => {
  await sleep(ms, signal).catch(() => undefined);
};
