import type { SessionKey } from "#core/ids.ts";
import type { LetterBox } from "#ports/blobs.ts";
import { dayPrefix, Mark, readMarkKey, type LetterName } from "./letter-name.ts";

/** `kept`: its session has been told and is watched over. */
export type LetterState = "kept" | Exclude<Mark, "body">;

export interface ListedLetter {
  readonly letter: string;
  readonly queue: string;
  readonly session?: SessionKey;
  readonly state: LetterState;
}

export interface LetterPage {
  /** In order of arrival. */
  readonly letters: readonly ListedLetter[];
  /** Where the next page starts; absent on the last one. */
  readonly after?: string;
}

/** The last of these that a letter has is what became of it. */
const BY_WEIGHT = [
  Mark.lost,
  Mark.parked,
  Mark.recorded,
  Mark.expired,
  Mark.redriven,
  Mark.discarded,
] as const;
const MAX_KEYS = 1_000;

/** Letters of a day, a page at a time: what became of each stands in the keys, so no letter is read. */
export async function listLetters(box: LetterBox, day: string, after?: string): Promise<LetterPage> {
  const keys = await box.list(dayPrefix(day), MAX_KEYS, after);
  const letters = new Map<string, { readonly name: LetterName; readonly marks: Set<Mark>; last: string }>();
  for (const key of keys) {
    const { name, mark } = readMarkKey(key);
    const known = letters.get(name.letter) ?? { name, marks: new Set<Mark>(), last: key };
    known.marks.add(mark);
    known.last = key;
    letters.set(name.letter, known);
  }
  const all = [...letters.values()];
  // The last letter's marks may go on behind the page.
  const whole = keys.length < MAX_KEYS ? all : all.slice(0, -1);
  const next = keys.length < MAX_KEYS ? undefined : whole.at(-1)?.last;
  return {
    letters: whole.map(({ name, marks }) => listed(name, marks)),
    ...(next !== undefined && { after: next }),
  };
}

const stateOf = (marks: ReadonlySet<Mark>): LetterState =>
  BY_WEIGHT.findLast((mark) => marks.has(mark)) ?? "kept";

export const listed = ({ letter, queue, key }: LetterName, marks: ReadonlySet<Mark>): ListedLetter => ({
  letter,
  queue,
  ...(key !== undefined && { session: key }),
  state: stateOf(marks),
});
