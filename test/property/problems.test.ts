import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { SpineError } from "#core/errors.ts";
import {
  boundedProblems,
  boundedText,
  MAX_ERROR_CHARACTERS,
  MAX_PROBLEMS,
  type Problem,
} from "#core/problems.ts";
import { problemOf, problemResponse } from "#runtime/doors/http/problem.ts";
import { parseWith } from "#runtime/session/messages.ts";
import { validate } from "#runtime/session/validate.ts";

const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ minLength: 0, maxLength: 5_000, size: "max", unit: "binary" }),
);
const problem: fc.Arbitrary<Problem> = fc.record({ field: text, problem: text, repair: text });
const problems = fc.array(problem, { maxLength: 30, size: "max" });

const charactersOf = (all: readonly Problem[]): number =>
  all.reduce((sum, one) => sum + one.field.length + one.problem.length + one.repair.length, 0);

/** Encoded, a half of a character becomes another one. */
const isWellFormed = (one: string): boolean => Buffer.from(one, "utf8").toString("utf8") === one;

function expectBounded(all: readonly Problem[]): void {
  expect(all.length).toBeLessThanOrEqual(MAX_PROBLEMS);
  expect(charactersOf(all)).toBeLessThanOrEqual(MAX_ERROR_CHARACTERS);
}

describe("an error's problems", () => {
  it("are at most 20 with 2,000 characters, and the last one gives the number of omitted ones", () => {
    fc.assert(
      fc.property(problems, (all) => {
        const told = boundedProblems(all);
        expectBounded(told);
        expect(boundedProblems(told)).toEqual(told);
        const left = /^(\d+) more are/.exec(told.at(-1)?.problem ?? "")?.[1];
        if (told.length < all.length) expect(Number(left)).toBe(all.length - (told.length - 1));
      }),
      { numRuns: 80 },
    );
  });

  it("are all included when they are few and short", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ field: fc.string(), problem: fc.string(), repair: fc.string() })),
        (all) => {
          fc.pre(all.length <= MAX_PROBLEMS && charactersOf(all) <= MAX_ERROR_CHARACTERS);
          expect(boundedProblems(all)).toEqual(all);
        },
      ),
    );
  });

  it("leave one to read, however long the first is", () => {
    const huge = "x".repeat(100_000);
    const [first, last] = boundedProblems(Array(60_000).fill({ field: huge, problem: huge, repair: huge }));
    expect(first?.problem).toMatch(/^x+…$/);
    expect(last?.problem).toBe("59999 more are not listed");
  });

  it("are bounded in every error, however it was made", () => {
    fc.assert(
      fc.property(text, problems, (message, all) => {
        const error = new SpineError("input.malformed", message, { problems: all });
        expectBounded(error.problems);
        expect(error.message.length).toBeLessThanOrEqual(MAX_ERROR_CHARACTERS);
      }),
      { numRuns: 60 },
    );
  });

  it("are bounded in every problem document", () => {
    fc.assert(
      fc.property(text, problems, (detail, all) => {
        for (const { body } of [
          problemResponse(400, { code: "http.path", detail, problems: all }),
          problemOf(new SpineError("input.schema", detail, { problems: all })),
        ]) {
          const said = JSON.parse(body) as { detail: string; problems: Problem[] };
          expectBounded(said.problems);
          expect(said.detail.length).toBeLessThanOrEqual(MAX_ERROR_CHARACTERS);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("a truncated text", () => {
  it("ends between characters", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 100 }),
        fc.integer({ min: 1, max: 100 }),
        (all, most) => {
          const cut = boundedText(all, most);
          expect(cut.length).toBeLessThanOrEqual(Math.max(most, 1));
          if (isWellFormed(all)) expect(isWellFormed(cut)).toBe(true);
        },
      ),
    );
  });
});

describe("data that is checked against a schema", () => {
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`f${at}`, at]));

  it("is rejected with few problems, wherever its fields are wrong", async () => {
    const checked = await validate(z.record(z.string(), z.string()), many, "data");
    if (checked.ok) throw new Error("It fits.");
    expectBounded(checked.problems);
    expect(checked.problems.at(-1)?.problem).toBe("19981 more are not listed");
  });

  it("is rejected with few problems when fields are unknown", () => {
    const read = () => parseWith(z.strictObject({}), many, "input.malformed", "It");
    expect(read).toThrow(expect.objectContaining({ code: "input.malformed" }));
    try {
      read();
    } catch (error) {
      expectBounded((error as SpineError).problems);
      expect((error as SpineError).message.length).toBeLessThanOrEqual(MAX_ERROR_CHARACTERS);
    }
  });
});
