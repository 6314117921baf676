import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluate } from "#core/condition.ts";
import type { Json, JsonObject } from "#core/json.ts";

/** Keys of the same length, so that nothing but what objects inherit tells them apart. */
const PLAIN = ["kkkkkkkkkkk", "lllllllll", "mmmmmmmmm", "nnnnnnnn"] as const;
const ODD = ["constructor", "__proto__", "prototype", "toString"] as const;

const value = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(null, true, 0, 2, "x"),
    fc.array(tie("json"), { maxLength: 3 }),
    fc
      .uniqueArray(fc.tuple(fc.constantFrom(...PLAIN, "a"), tie("json")), {
        maxLength: 3,
        selector: ([key]) => key,
      })
      .map((entries): unknown => Object.fromEntries(entries)),
  ),
})).json as fc.Arbitrary<Json>;

const renamed = (text: string): string =>
  PLAIN.reduce((said, key, at) => said.replaceAll(key, ODD[at] ?? key), text);

const expressions = [
  "input",
  "input == other",
  "[input] == [other]",
  "other in [input]",
  "size(input)",
  ...PLAIN.flatMap((key) => [
    `input["${key}"]`,
    `"${key}" in input`,
    `{"${key}": input, "a": 1}["${key}"]`,
    `{"${key}": input} == {"${key}": other}`,
    `input.exists(each, each == "${key}")`,
    `input.map(each, {each: "${key}"})`,
    `has(input.a) ? input.a == other : {"${key}": 1} == other`,
  ]),
];

describe("an expression", () => {
  it("treats keys that objects inherit like any other", () => {
    fc.assert(
      fc.property(value, value, fc.constantFrom(...expressions), (input, other, text) => {
        const scope = { input, other };
        // By texts: only they tell an own "__proto__" from an inherited one.
        const odd = JSON.parse(renamed(JSON.stringify(scope))) as JsonObject;
        expect(JSON.stringify(evaluate(renamed(text), odd))).toBe(
          renamed(JSON.stringify(evaluate(text, scope))),
        );
      }),
      { numRuns: 3_000, seed: 11 },
    );
  });
});
