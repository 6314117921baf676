import type { LetterState, ListedLetter } from "#runtime/letters/list-letters.ts";
import type { Operate } from "./operate.ts";

export interface LetterFilter {
  /** `2026-11-22`, UTC. @default the last days */
  readonly date?: string | undefined;
  /** How many days back, today included. */
  readonly days: number;
  readonly queue?: string | undefined;
  readonly session?: string | undefined;
  readonly state?: LetterState | undefined;
}

const DAY_MS = 86_400_000;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Letters that fit the filter, newest first. */
export async function* findLetters(
  operate: Operate,
  filter: LetterFilter,
  now: number,
): AsyncGenerator<ListedLetter> {
  const days =
    filter.date === undefined
      ? Array.from({ length: filter.days }, (_, back) => dayOf(now - back * DAY_MS))
      : [filter.date];
  for (const day of days) yield* (await lettersOf(operate, day)).filter(fits(filter)).toReversed();
}

async function lettersOf(operate: Operate, day: string): Promise<readonly ListedLetter[]> {
  const found: ListedLetter[] = [];
  let after: string | undefined;
  do {
    const page = await operate({ op: "list", day, ...(after !== undefined && { after }) });
    found.push(...page.letters);
    after = page.after;
  } while (after !== undefined);
  return found;
}

const fits =
  ({ queue, session, state }: LetterFilter) =>
  (letter: ListedLetter): boolean =>
    (queue === undefined || letter.queue === queue) &&
    (session === undefined || letter.session?.session === session) &&
    (state === undefined || letter.state === state);

/** A letter in one line. */
export const letterLine = ({ letter, queue, session, state }: ListedLetter): string =>
  [letter, state, queue, session === undefined ? "nobody's" : `${session.tenant}/${session.session}`].join(
    "  ",
  );
