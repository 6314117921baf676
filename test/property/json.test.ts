import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { depthProblem, formJson } from "#core/json-form.ts";
import { isWithin, type Json } from "#core/json.ts";

/** Values of every kind, and JSON in which something else stands here and there. */
const anything = fc.oneof(
  fc.anything({ withDate: true, withMap: true, withSet: true, withBigInt: true, withTypedArray: true }),
  fc.jsonValue(),
  fc.tuple(fc.jsonValue(), fc.anything()).map(([good, other]) => ({ good, deep: [good, { other }] })),
);

describe("formJson", () => {
  it("converts any value to its JSON form, or reports what JSON cannot express", () => {
    fc.assert(
      fc.property(anything, (value) => {
        const formed = formJson(value, "value");
        if (formed.ok) expect(JSON.stringify(formed.value)).toBe(JSON.stringify(value ?? null));
        else expect(formed.problem.field).toMatch(/^value/);
      }),
      { numRuns: 3_000 },
    );
  });

  it("accepts every JSON text, except numbers that would be rounded", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const formed = formJson(JSON.parse(text), "value");
        expect(formed.ok ? "" : formed.problem.problem).toMatch(/^$|whole number/);
      }),
    );
  });
});

describe("depthProblem", () => {
  it("counts lists and objects around the innermost value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(4), (value, depth) => {
        const levels = (one: unknown): number =>
          typeof one === "object" && one !== null ? 1 + Math.max(0, ...Object.values(one).map(levels)) : 0;
        expect(depthProblem(value, "value", depth) === undefined).toBe(levels(value) <= depth);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("isWithin", () => {
  it("reports whether the text of a value is within the length", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(100), (value, most) => {
        const json = value as Json; // of the same form
        expect(isWithin(json, most)).toBe(JSON.stringify(json).length <= most);
      }),
      { numRuns: 2_000 },
    );
  });
});
