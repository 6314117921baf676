import { isSpineError, type Problem } from "../errors.ts";
import { parseFlowName } from "../ids.ts";

// A CloudEvents type that also reads well in a table's key and in a rule's pattern.
const EVENT_TYPE = /^[A-Za-z][A-Za-z0-9._-]{0,127}$/;

export function flowNameProblem(value: unknown, field: string): Problem | undefined {
  try {
    parseFlowName(value, field);
    return undefined;
  } catch (error) {
    if (isSpineError(error, "id.invalid") && error.problems[0] !== undefined) return error.problems[0];
    throw error;
  }
}

export function eventTypeProblem(value: unknown, field: string): Problem | undefined {
  if (typeof value === "string" && EVENT_TYPE.test(value)) return undefined;
  return {
    field,
    problem: `${JSON.stringify(value)} is not an event type`,
    repair: 'Use 1 to 128 letters, digits and . _ -, starting with a letter, such as "GreetingAsked".',
  };
}

// Parts of a place are joined by slashes, and an object's prototype is nobody's branch.
const BRANCH = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const SECTION = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const PATH = /^[A-Za-z_][A-Za-z0-9_]{0,63}(\.[A-Za-z0-9_-]+)*$/;
const PROTOTYPE = /(^|\.)__proto__(\.|$)/;

export const isBranchName = (value: string): boolean => BRANCH.test(value);

export const isSection = (value: unknown): value is string =>
  typeof value === "string" && SECTION.test(value) && !PROTOTYPE.test(value);

export const isContextPath = (value: unknown): value is string =>
  typeof value === "string" && PATH.test(value) && !PROTOTYPE.test(value);
