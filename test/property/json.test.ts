import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { isJson, type Json } from "#core/json.ts";

const json = z.json();

/** Values of every kind, and JSON in which something else stands here and there. */
const anything = fc.oneof(
  fc.anything({ withDate: true, withMap: true, withSet: true, withBigInt: true, withTypedArray: true }),
  fc.jsonValue(),
  fc.tuple(fc.jsonValue(), fc.anything()).map(([good, other]) => ({ good, deep: [good, { other }] })),
);

/** Zod passes over keys of this name, whose values the core keeps as data like any other. */
const values = anything.filter((value) => !has(value, "__proto__"));

function has(value: unknown, key: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.hasOwn(value, key) || Object.values(value).some((item) => has(item, key));
}

describe("isJson", () => {
  it("says of any value what zod's schema of JSON says", () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(isJson(value)).toBe(json.safeParse(value).success);
      }),
      { numRuns: 3_000 },
    );
  });

  it("takes all that a text can say", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value = JSON.parse(text) as Json;
        expect(isJson(value)).toBe(true);
      }),
    );
  });
});
