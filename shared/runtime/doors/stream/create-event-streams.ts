import type { DialectName } from "#core/session/dialects/dialect-names.ts";
import { parseSessionId, type SessionKey } from "#core/ids.ts";
import type { WaitPermit, WaitRoom } from "#ports/tenant-quota.ts";
import { notAllowed, problemOf, problemResponse } from "../http/problem.ts";
import type { HttpRequest, HttpResponse, StreamedResponse } from "../http/http-message.ts";
import { Resource, rightFor, routeOf } from "../http/route.ts";
import { createLiveNews } from "./live-news.ts";
import type { LiveOutput } from "#ports/live-output.ts";
import { afterOf, readerOf } from "./after-of.ts";
import { dialectOf } from "./dialect-of.ts";
import { createEventVoice, type StreamVoice } from "./stream-voice.ts";
import { createStreamReader, type StreamEngine, type StreamPage } from "./stream-reader.ts";
import { streamFrames } from "./stream-frames.ts";

/**
 * The longest that a stream is open, ms: below a minute with all that it takes to begin and end it. Whoever reads resumes where it ended.
 */
export const STREAM_MS = 55_000;
/** A permit is taken for so much longer, ms: a slow reader may take the last events later. */
const PERMIT_MARGIN_MS = 10_000;
const HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  "x-accel-buffering": "no",
};
const NO_ROOM_RETRY_SECONDS = 5;

export interface EventStreamOptions {
  /** Bounds how many streams are open at once. @default there is no bound */
  readonly room?: WaitRoom;
  /** What agents say while they work, for readers that ask for it (`live=true`). @default nobody is told of it */
  readonly live?: LiveOutput;
}

/**
 * Answers `GET /sessions/{session}/events` with the session's events as Server-Sent Events, as they are committed: what it refuses, it
 * refuses before the stream begins, as a problem of RFC 9457. Aborting `gone` ends the stream.
 */
export type EventStreams = (
  request: HttpRequest,
  gone?: AbortSignal,
) => Promise<HttpResponse | StreamedResponse>;

/** Makes the door to sessions' events as they come. It only reads. */
export function createEventStreams(
  engine: StreamEngine,
  { room, live }: EventStreamOptions = {},
): EventStreams {
  const log = createStreamReader(engine);
  const { clock } = engine;

  const begin = async (
    key: SessionKey,
    request: HttpRequest,
    gone: AbortSignal | undefined,
  ): Promise<HttpResponse | StreamedResponse> => {
    const after = afterOf(request);
    const reader = readerOf(request);
    const dialect = dialectOf(request);
    const endsAt = Math.min(clock.now() + STREAM_MS, request.endsAt ?? Infinity);
    const permit = await room?.enter(key.tenant, endsAt + PERMIT_MARGIN_MS, reader);
    if (room !== undefined && permit === undefined) return noRoom();
    try {
      const first = await log.start(key, after);
      // Whoever is not named is followed by nobody.
      const isHeld = reader === undefined ? undefined : permit?.isHeld;
      const voice =
        dialect === undefined ? createEventVoice(after) : await voiceIn(dialect, key, { after, first });
      const said = { key, voice, endsAt, gone, clock, onTrouble };
      const { open } = first;
      const isLive = live !== undefined && request.query["live"] === "true";
      const news = isLive ? createLiveNews(live, { key, open, onTrouble }) : undefined;
      const frames = streamFrames({ ...said, log, first, isHeld, live: news });
      return {
        status: 200,
        headers: { ...HEADERS, ...voice.headers },
        frames: leavingAfter(frames, permit),
      };
    } catch (error) {
      await permit?.leave();
      throw error;
    }
  };

  const voiceIn = async (
    dialect: DialectName,
    key: SessionKey,
    { after, first }: { readonly after: number; readonly first: StreamPage },
  ): Promise<StreamVoice> => {
    // Most streams speak none.
    const [{ createDialectVoice }, state] = await Promise.all([
      import("./dialect-voice.ts"),
      log.stateBefore(key, first),
    ]);
    return createDialectVoice(dialect, { after, state, flowsOf: (states) => log.flowsOf(key, states) });
  };

  const onTrouble = (error: unknown, key: SessionKey): void =>
    engine.onTrouble?.(error, `the stream of ${key.session}`);

  return async (request, gone) => {
    try {
      const route = routeOf(request.path);
      if (route?.resource !== Resource.events) return onlyEvents(request.path);
      if (request.method !== "GET") return onlyGet(request.method);
      const right = rightFor(route, request.method);
      if (!request.caller.rights.includes(right)) return notAllowed(request.caller, right);
      const session = parseSessionId(route.session);
      return await begin({ tenant: request.caller.tenant, session }, request, gone);
    } catch (error) {
      const response = problemOf(error);
      // What only an operator can mend is told too.
      if (response.status >= 500 || response.status === 423)
        engine.onTrouble?.(error, `a stream of ${request.path}`);
      return response;
    }
  };
}

async function* leavingAfter(
  frames: AsyncIterable<string>,
  permit: WaitPermit | undefined,
): AsyncGenerator<string, void> {
  try {
    yield* frames;
  } finally {
    await permit?.leave();
  }
}

function onlyEvents(path: string): HttpResponse {
  const problem = `"${path}" is not streamed`;
  const repair = "Use /sessions/{session}/events here, and the ingress for all else.";
  return problemResponse(404, {
    code: "http.path",
    detail: `Nothing is streamed at ${path}.`,
    problems: [{ field: "path", problem, repair }],
  });
}

function onlyGet(method: string): HttpResponse {
  return problemResponse(405, {
    code: "http.method",
    detail: `A stream takes GET, not ${method}.`,
    problems: [{ field: "method", problem: `${method} is not allowed here`, repair: "Use GET." }],
    headers: { allow: "GET" },
  });
}

/** Streams are bounded as waiting requests are: each holds an environment of Lambda. */
function noRoom(): HttpResponse {
  const problem = "has as many streams open as it may";
  const repair = `Try again in ${NO_ROOM_RETRY_SECONDS} seconds, close other streams, or read the log by pages.`;
  return problemResponse(429, {
    code: "http.streams",
    detail: `The tenant ${problem}. ${repair}`,
    problems: [{ field: "streams", problem, repair }],
    headers: { "retry-after": String(NO_ROOM_RETRY_SECONDS) },
  });
}
