import type { Ceilings } from "#core/session/limits.ts";

const WHOLE: readonly string[] = ["hops", "deadlineMs", "sessionMs"];

/** Returns the ceilings, or throws if one would stop everything or is not a number. */
export function checkCeilings(ceilings: Ceilings): Ceilings {
  for (const [name, value] of Object.entries(ceilings)) {
    if (Number.isFinite(value) && value > 0 && (!WHOLE.includes(name) || Number.isInteger(value))) continue;
    throw new Error(
      `ceilings.${name} is ${value}. Write a ${WHOLE.includes(name) ? "whole " : ""}number above 0, or leave it out.`,
    );
  }
  return ceilings;
}
