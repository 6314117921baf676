import type { SessionKey } from "#core/ids.ts";
import type { Clock } from "#ports/clock.ts";
import type { LiveNews } from "./live-news.ts";
import type { StreamPage, StreamReader } from "./stream-reader.ts";
import type { StreamVoice } from "./stream-voice.ts";

export interface StreamFramesOptions {
  readonly key: SessionKey;
  readonly log: StreamReader;
  /** The commits that were read before the stream began. */
  readonly first: StreamPage;
  readonly voice: StreamVoice;
  /** When it ends, ms. */
  readonly endsAt: number;
  readonly gone: AbortSignal | undefined;
  /** Whether its reader has not opened another stream since. @default it has not */
  readonly isHeld: (() => Promise<boolean>) | undefined;
  /** What agents say while they work. @default none of it is told */
  readonly live: LiveNews | undefined;
  readonly clock: Clock;
  readonly onTrouble: (error: unknown, key: SessionKey) => void;
}

/** The pauses between two looks into an idle session's log, ms: the first, and the longest that they grow to. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 2_000;
/** Something is written at least so often, ms: what stands between reader and stream takes silence for its end. */
const KEEP_ALIVE_MS = 15_000;
/** After so long the reader resumes, ms. */
const RETRY_MS = 500;
/** A stream ends after so many characters: Lambda slows down what is beyond 6 MB. */
const MOST_CHARACTERS = 5_000_000;

/**
 * A session's events as frames of Server-Sent Events, in order, without a gap and without a repeat, put by a voice: each with its sequence
 * as `id`. Ends at its time, between two events, where what it is about is over, or where the log cannot be read any more; whoever resumes after
 * the last `id` misses nothing.
 */
export async function* streamFrames(options: StreamFramesOptions): AsyncGenerator<string, void> {
  const { key, log, first, voice, endsAt, gone, isHeld, live, clock, onTrouble } = options;
  let characters = 0;
  const isOver = () => gone?.aborted === true || clock.now() >= endsAt || characters >= MOST_CHARACTERS;

  yield `retry: ${RETRY_MS}\n\n`;
  const begun = voice.begin(first.commits[0]);
  if (begun !== "") yield begun;
  let wroteAt = clock.now();
  let pauseMs = FIRST_PAUSE_MS;
  for (let page = first; !isOver();) {
    try {
      for (const commit of page.commits) {
        for (const event of commit.events) live?.note(event);
        for await (const { text, isOver: isLast } of voice.commit(commit)) {
          if (isOver()) return;
          characters += text.length;
          yield text;
          if (isLast) return;
        }
      }
    } catch (error) {
      onTrouble(error, key);
      return;
    }
    if (page.commits.length === 0) {
      await pause(clock, Math.min(pauseMs, endsAt - clock.now()), gone);
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
      if (isOver() || (await isHeld?.()) === false) return;
      for (const record of (await live?.since()) ?? []) {
        const text = voice.live(record);
        if (text === "") continue;
        wroteAt = clock.now();
        pauseMs = FIRST_PAUSE_MS;
        yield text;
      }
      if (clock.now() - wroteAt >= KEEP_ALIVE_MS) {
        wroteAt = clock.now();
        yield ": still open\n\n";
      }
    } else {
      wroteAt = clock.now();
      pauseMs = FIRST_PAUSE_MS;
    }
    try {
      page = await log.next(key, page.last);
    } catch (error) {
      // It is told again, with its status, when the reader resumes.
      onTrouble(error, key);
      return;
    }
  }
}

/** Passes at once where nobody reads any more. */
async function pause(clock: Clock, ms: number, gone: AbortSignal | undefined): Promise<void> {
  if (gone === undefined) return clock.sleep(ms);
  const left = new Promise<void>((resolve) => {
    if (gone.aborted) resolve();
    gone.addEventListener("abort", () => resolve(), { once: true });
  });
  await Promise.race([clock.sleep(ms), left]);
}
