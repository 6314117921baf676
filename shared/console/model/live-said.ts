import { ENDS_RUN } from "#core/session/ends-run.ts";
import { ENDS_TASK } from "#core/session/ends-task.ts";
import { isJsonObject, type Json } from "#core/json.ts";
import type { OutlineEvent } from "./event-outline.ts";

/** What an agent says of a task while it works on it; it is in no log. */
export interface Said {
  readonly task: string;
  readonly attempt: number;
  readonly run: string;
  readonly agent: string;
  readonly n: number;
  /** The text so far, or as JSON whatever else it shows. */
  readonly text: string;
}

/** The newest of each task. */
export type SaidByTask = ReadonlyMap<string, Said>;
export const NOTHING_SAID: SaidByTask = new Map();

/** Reads a frame of live output; `undefined` for what is none. */
export function saidIn(data: string): Said | undefined {
  const record = parsed(data);
  if (!isJsonObject(record)) return undefined;
  const { task, attempt, run, agent, n, text, partial, data: other } = record;
  if (typeof task !== "string" || typeof attempt !== "number" || typeof n !== "number") return undefined;
  const shown = text ?? partial ?? other;
  if (shown === undefined) return undefined;
  return {
    ...{ task, attempt, n },
    run: typeof run === "string" ? run : "",
    agent: typeof agent === "string" ? agent : "",
    text: typeof shown === "string" ? shown : JSON.stringify(shown),
  };
}

/** Takes in what an agent said, unless something newer of the task is known. */
export function withSaid(said: SaidByTask, one: Said): SaidByTask {
  const known = said.get(one.task);
  const isNewer =
    known === undefined || one.attempt > known.attempt || (one.attempt === known.attempt && one.n > known.n);
  return isNewer ? new Map(said).set(one.task, one) : said;
}

const ENDS_ATTEMPT = new Set([
  ...["AnswerStale", "AnswerUnusable", "AttemptFailed", "AttemptTimedOut", "AttemptFenced"],
  "EffectInDoubt",
]);

/** Forgets what was said of attempts that these events end: the log has what they came to. */
export function withoutEnded(said: SaidByTask, events: readonly OutlineEvent[]): SaidByTask {
  if (said.size === 0) return said;
  const left = [...said].filter(
    ([, one]) =>
      !events.some(
        ({ type, task, attempt, run }) =>
          (task === one.task && ENDS_TASK.has(type)) ||
          (task === one.task && attempt === one.attempt && ENDS_ATTEMPT.has(type)) ||
          (run === one.run && ENDS_RUN.has(type)),
      ),
  );
  return left.length === said.size ? said : new Map(left);
}

/** The end of a text, which is what is new of it, in so many characters at most. */
export const endOf = (text: string, most: number): string =>
  text.length <= most ? text : `…${text.slice(text.length - Math.max(0, most - 1))}`;

function parsed(data: string): Json | undefined {
  try {
    return JSON.parse(data) as Json;
  } catch {
    return undefined;
  }
}
