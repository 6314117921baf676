/**
 * What one evaluation may take, from its first step to its result. A step is what a slow core does in 100 ns: a node of the
 * expression, a character that a function reads, four that are compared or copied, two characters of a text in the result.
 * docs/decisions/004-conditions.md measures it.
 */
export const MAX_CONDITION_STEPS = 500_000;

/** What an error costs that a loop or a logical operator goes past. */
export const ERROR_STEPS = 400;

let left = 0;

/** Starts an evaluation; evaluations are synchronous, so one counter serves all. */
export function startSteps(): void {
  left = MAX_CONDITION_STEPS;
}

/** Pays for work before it is done. Throws where the evaluation can no longer pay. */
export function spend(steps: number): void {
  left -= steps;
  if (left < 0) throw new OutOfSteps();
}

/** For characters that are compared or copied and not looked at one by one. */
export const spendCopy = (characters: number): void => spend(characters / 4);

/** Ends an evaluation, whatever stands around: no operator goes past it. */
export class OutOfSteps extends Error {
  constructor() {
    super(
      `It takes more than ${MAX_CONDITION_STEPS} steps. Let it go through shorter lists and texts, or let an agent work the value out`,
    );
  }
}
