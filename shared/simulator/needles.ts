import type { JsonObject } from "#core/json.ts";
import { chance, pickOne } from "#memory/seeded-chance.ts";

/** Texts that stand at personal paths, told apart by where they were sent: they must be found nowhere else. */
const NEEDLE = /needle\.(s\d+)\.[\w.]+/g;

export const needlesIn = (text: string): readonly string[] =>
  text.includes("needle.") ? [...new Set(text.match(NEEDLE))].sort() : [];

/** The session whose producer sent it. */
export const sessionOfNeedle = (needle: string): string => needle.split(".")[1] ?? "";

const PERSONAL_SHARE = 0.15;
/** What tenants declare: nested, in lists, several at once, one within another. */
const DECLARED = [
  ["input.mail"],
  ["input.people.mail", "session.who"],
  ["input.deep"],
  ["input.mail", "input.deep.mail", "session.who"],
  ["input"],
] as const;

/** The paths that the tenant of some seeds declares as personal. */
export function drawPersonal(seed: number): readonly string[] | undefined {
  return chance(seed, "personal") < PERSONAL_SHARE ? pickOne(seed, "declared", DECLARED) : undefined;
}

/** What an event brings beside all else: a needle at each path that is declared, and plain texts at others. */
export function plantNeedles(
  name: string,
  declared: readonly string[],
): { readonly data: JsonObject; readonly facts: JsonObject } {
  const at = (...path: readonly string[]): string => {
    const isPersonal = path.some((_, end) => declared.includes(path.slice(0, end + 1).join(".")));
    return isPersonal ? `needle.${name}.${path.join(".")}` : "plain";
  };
  return {
    data: {
      mail: at("input", "mail"),
      deep: { mail: at("input", "deep", "mail") },
      people: [{ mail: at("input", "people", "mail") }, [{ mail: "plain" }]],
    },
    facts: { who: { name: at("session", "who") } },
  };
}
