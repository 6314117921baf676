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
const MOST = { field: 200, problem: 1_000, repair: 400 } as const;
const ABOUT_THE_REST = 300;
const END = "…";

/** A text of at most so many characters, cut between characters and never inside one. */
export function boundedText(text: string, most: number = MAX_ERROR_CHARACTERS): string {
  if (text.length <= most) return text;
  const cut = text.slice(0, most - END.length);
  const last = cut.charCodeAt(cut.length - 1);
  return `${last >= 0xd800 && last <= 0xdbff ? cut.slice(0, -1) : cut}${END}`;
}

/**
 * As many of the first problems as may be told, and a word about the others. `total` is how many there are, where not all were
 * written down.
 */
export function boundedProblems(problems: readonly Problem[], total = problems.length): readonly Problem[] {
  const all = problems.slice(0, MAX_PROBLEMS).map(bounded);
  if (total <= all.length && all.reduce(addedTo, 0) <= MAX_ERROR_CHARACTERS) return all;
  const told: Problem[] = [];
  let characters = 0;
  for (const problem of all.slice(0, MAX_PROBLEMS - 1)) {
    characters = addedTo(characters, problem);
    if (characters > MAX_ERROR_CHARACTERS - ABOUT_THE_REST) break;
    told.push(problem);
  }
  const field = told[0]?.field ?? "";
  const problem = `${total - told.length} more problems are not listed`;
  return [...told, { field, problem, repair: "Repair those that are listed first." }];
}

const bounded = ({ field, problem, repair }: Problem): Problem => ({
  field: boundedText(field, MOST.field),
  problem: boundedText(problem, MOST.problem),
  repair: boundedText(repair, MOST.repair),
});

const addedTo = (sum: number, { field, problem, repair }: Problem): number =>
  sum + field.length + problem.length + repair.length;

/** Problems as one text, for a message. */
export const problemsText = (problems: readonly Problem[]): string =>
  boundedText(problems.map(({ field, problem }) => `${field}: ${problem}`).join("; "));
