import type { RunId, SessionKey } from "#core/ids.ts";
import type { Json } from "#core/json.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import { isWithin } from "#core/session/evolve/patch.ts";
import type { CommitNotices } from "#ports/session-log.ts";
import type { Engine } from "../session/engine.ts";
import type { OpenAsk } from "./http/open-asks.ts";
import { toldOf, willBeAnswered, type Told } from "./rejected.ts";
import { readCommit } from "../session/read-commit.ts";
import type { ReplyTimes } from "./reply-times.ts";

export interface Reply {
  /** Sequence of the reply. */
  readonly sequence: number;
  readonly body: Json;
  /** The run failed or was cancelled; the body says why. */
  readonly failed: boolean;
}

export const FIRST_PAUSE_MS = 20;
export const STEADY_MS = 300;
export const GROWTH = 1.5;
export const LONGEST_PAUSE_MS = 250;
const PAGE = 25;

/** What a request that waits gets to know: the reply, or why there is none now. */
export interface Awaited {
  readonly reply?: Reply;
  /** Questions to people that the event's runs wait for. */
  readonly asks?: readonly OpenAsk[];
  /** What became of a numbered event when its turn came. */
  readonly released?: Told;
}

export interface ReplyPorts extends Pick<Engine, "log" | "clock"> {
  /** Tells of the next commit at once. @default the log is read again after a while */
  readonly notices?: CommitNotices;
  /** When such replies came lately: none is looked for before one can be there. @default the log is read at once */
  readonly times?: ReplyTimes;
}

/**
 * Waits for the reply to the event at `sequence` by reading the commits after it. It ends early where nobody but a person can
 * go on, and where no run will reply. Without a reply the session goes on, and the reply will be in its log. `from` is the first
 * sequence of the event's commit, which is its own unless it came in a batch.
 */
export async function awaitReply(
  { log, clock, notices, times }: ReplyPorts,
  key: SessionKey,
  sequence: number,
  waitMs: number,
  from = sequence,
): Promise<Awaited> {
  const start = clock.now();
  const watch = watchRuns(sequence);
  let after = from - 1;
  let pause = FIRST_PAUSE_MS;
  const firstLookMs = Math.min(times?.firstLookMs() ?? 0, waitMs);
  if (firstLookMs > 0) await clock.sleep(firstLookMs);
  for (let looks = 1; ; looks += 1) {
    const next = notices?.listen(key);
    try {
      const page = await log.readAfter(key, after, PAGE);
      for (const stored of page) {
        for (const event of readCommit(log, key, stored).events) {
          const reply = watch.note(event);
          if (reply === undefined) continue;
          times?.note(clock.now() - start, looks === 1);
          return { reply };
        }
        after = stored.last;
      }
      if (page.length === PAGE) continue;
      const known = watch.known();
      if (known !== undefined) return known;
      const waited = clock.now() - start;
      if (waited >= waitMs) return {};
      const ms = Math.min(pause, waitMs - waited);
      await (next === undefined ? clock.sleep(ms) : next.within(ms));
      if (waited >= STEADY_MS) pause = Math.min(pause * GROWTH, LONGEST_PAUSE_MS);
    } finally {
      next?.stop();
    }
  }
}

/** Follows the runs that the event at `sequence` starts. */
function watchRuns(sequence: number) {
  const runs = new Set<RunId>();
  const asks = new Map<string, OpenAsk & { readonly step: string; readonly run: RunId }>();
  let number: { readonly source: string; readonly ordinal?: number } | undefined;
  let released: Told | undefined;

  const note = (event: RecordedEvent): Reply | undefined => {
    const { type, data } = event;
    switch (type) {
      case "ReplySent":
        return data.to === sequence
          ? { sequence: event.sequence, body: data.body, failed: data.failed ?? false }
          : undefined;
      case "InputHeld":
        if (event.sequence === sequence) number = data.input;
        break;
      case "InputReleased":
        if (data.source === number?.source && data.ordinal === number.ordinal) released = toldOf(data);
        break;
      case "RunQueued":
        if (data.trigger === sequence) runs.add(data.run);
        break;
      case "HumanAsked":
        if (runs.has(data.run)) asks.set(data.ask, data);
        break;
      case "HumanAnswered":
      case "DoubtSettled":
        asks.delete(data.input.ask);
        break;
      case "HumanExpired":
        asks.delete(data.ask);
        break;
      case "StepCancelled":
        for (const { ask, run, step } of asks.values())
          if (run === data.run && isWithin(step, data.step)) asks.delete(ask);
        break;
      default:
    }
    return undefined;
  };

  const known = (): Awaited | undefined => {
    if (released !== undefined && !willBeAnswered(released)) return { released };
    if (asks.size === 0) return undefined;
    const open = [...asks.values()].map(({ ask, question, dueAt }) => ({ ask, question, dueAt }));
    return { asks: open };
  };

  return { note, known };
}
