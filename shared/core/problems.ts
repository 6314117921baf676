/** What a reader needs to repair the cause: which field, what is wrong with it, what to do. */
export interface Problem {
  readonly field: string;
  readonly problem: string;
  readonly repair: string;
}

/** No more are told at once, wherever errors go: over HTTP, into logs, letters and sessions' logs. */
export const MAX_PROBLEMS = 20;
/** Characters of one error's message, and of all its problems together. */
export const MAX_ERROR_CHARACTERS = 2_000;

// One problem and the word about those that are left out fit together.
const MAX_FIELD = 200;
const MAX_PROBLEM = 1_000;
const MAX_REPAIR = 400;
const ABOUT_THE_REST = 300;
const END = "…";

/** What stands somewhere, as a problem names it: what came as JSON need not be a number where one belongs, nor have a text of its own. */
export const inWords = (value: unknown): string =>
  typeof value === "number" ? String(value) : (JSON.stringify(value) ?? "nothing");

/** A text of at most so many characters, cut between characters and never inside one. */
export function boundedText(text: string, most: number = MAX_ERROR_CHARACTERS): string {
  if (text.length <= most) return text;
  return text.slice(0, most - END.length).replace(/[\ud800-\udbff]$/, "") + END;
}

/**
 * As many of the first problems as may be told, and a word about the others. `total` is how many there are, where not all were
 * written down.
 */
export function boundedProblems(problems: readonly Problem[], total = problems.length): readonly Problem[] {
  const all = problems.slice(0, MAX_PROBLEMS).map(bounded);
  if (total <= all.length && within(MAX_ERROR_CHARACTERS, all).length === total) return all;
  const told = within(MAX_ERROR_CHARACTERS - ABOUT_THE_REST, all.slice(0, MAX_PROBLEMS - 1));
  const field = told[0]?.field ?? "";
  const problem = `${total - told.length} more are not listed`;
  return [...told, { field, problem, repair: "Fix these first." }];
}

const bounded = ({ field, problem, repair }: Problem): Problem => ({
  field: boundedText(field, MAX_FIELD),
  problem: boundedText(problem, MAX_PROBLEM),
  repair: boundedText(repair, MAX_REPAIR),
});

/** The first that have so many characters together: what does not fit leaves no room for any after it. */
function within(characters: number, problems: readonly Problem[]): readonly Problem[] {
  let room = characters;
  return problems.filter(({ field, problem, repair }) => {
    room -= field.length + problem.length + repair.length;
    return room >= 0;
  });
}

/** Problems as one text, for a message. */
export const problemsText = (problems: readonly Problem[]): string =>
  boundedText(problems.map(({ field, problem }) => `${field}: ${problem}`).join("; "));
