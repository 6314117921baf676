import type { Ceilings } from "#core/session/limits.ts";

const WHOLE: readonly string[] = ["hops", "deadlineMs", "sessionMs"];

/** Gives ceilings back, or throws where one would stop everything or is no number. */
export function checkCeilings(ceilings: Ceilings): Ceilings {
  for (const [name, value] of Object.entries(ceilings)) {
    if (Number.isFinite(value) && value > 0 && (!WHOLE.includes(name) || Number.isInteger(value))) continue;
    throw new Error(
      `ceilings.${name} is ${value}. Write a ${WHOLE.includes(name) ? "whole " : ""}number above 0, or leave it out.`,
    );
  }
  return ceilings;
}
