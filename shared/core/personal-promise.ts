import type { Problem } from "./errors.ts";

/** The agent reads personal values but returns none: the reason is for reviewers. */
export interface NothingPersonal {
  readonly none: string;
}

/** What a contract says of personal values in its result: where they stand, or why there are none. */
export type PersonalPromise = readonly string[] | NothingPersonal;

/** The paths that a promise names. */
export const personalOf = (personal: PersonalPromise): readonly string[] =>
  "none" in personal ? [] : personal;

export function personalProblems(
  personal: PersonalPromise = { none: "unsaid" },
  isPath: (text: string) => boolean,
): readonly Problem[] {
  const problem = (what: string): Problem => ({
    field: "personal",
    problem: what,
    repair: 'Name paths of the result, such as ["name"], or say { none: "why there is none" }.',
  });
  if ("none" in personal) return personal.none.trim() === "" ? [problem("is missing a reason")] : [];
  if (personal.length === 0) return [problem("is empty")];
  return personal.filter((path) => !isPath(path)).map((path) => problem(`"${path}" is not a path`));
}
