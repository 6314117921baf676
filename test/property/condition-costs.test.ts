import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { evaluate, MAX_CONDITION_STEPS } from "#core/condition.ts";
import { language } from "#core/condition-language.ts";
import type { Json, JsonObject } from "#core/json.ts";
import { expression } from "./conditions/expression.ts";

/** Small enough to be evaluated without any bound. */
const small: JsonObject = {
  input: {
    text: "abab",
    list: [1, 2, "a", null],
    numbers: [1, 2, 0.5],
    number: 2,
    one: "1",
    object: { k: 1, a: "b" },
    tags: ["a", "ab", "b"],
    deep: [[["a"]], { k: { k: [1] } }],
  },
};

/** What a producer may send: an event of 256,000 bytes, whatever it is made of. */
const text = "a".repeat(60_000);
const large: JsonObject = {
  input: {
    text,
    list: Array.from({ length: 10_000 }, (_, i) => i),
    numbers: Array.from({ length: 4_000 }, (_, i) => i),
    number: 2.5,
    one: "1".repeat(10_000),
    object: Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`k${i}`, i])),
    tags: Array.from({ length: 8_000 }, (_, i) => (i % 2 === 0 ? "ab" : "aaaaaaab")),
    deep: Array.from({ length: 300 }, () => JSON.parse("[".repeat(60) + "]".repeat(60)) as Json),
  },
};

/** Methods that read all of a text. */
const WHOLE = ["split", "toLowerCase", "toUpperCase", "trim", "includes", "indexOf", "lastIndexOf"];

/** The language's own answer as text: whole numbers are bigints there. */
function answered(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? Number(item) : item));
}

describe("the result of an expression", () => {
  it("equals the result of the language's reference library", () => {
    fc.assert(
      fc.property(expression, (said) => {
        let theirs: string | undefined;
        try {
          const parsed = language.parse(said);
          if (parsed.check().valid) theirs = answered(parsed(small));
        } catch {
          theirs = undefined;
        }
        const ours = evaluate(said, small);
        if (ours.ok) expect(`${said} is ${JSON.stringify(ours.value)}`).toBe(`${said} is ${theirs}`);
        else if (theirs !== undefined) expect(ours.error).toMatch(/not JSON|no text/);
      }),
      { numRuns: 4_000, seed: 12 },
    );
  });
});

describe("the cost of an expression", () => {
  /** Counts what is read of a value: fields, items, names of fields. */
  function watched(value: Json, seen: { reads: number }): Json {
    if (typeof value !== "object" || value === null) return value;
    const inner = Array.isArray(value)
      ? (value as readonly Json[]).map((item) => watched(item, seen))
      : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, watched(item as Json, seen)]));
    return new Proxy(inner, {
      get(target, key) {
        seen.reads += 1;
        return Reflect.get(target, key) as unknown;
      },
      ownKeys(target) {
        const keys = Reflect.ownKeys(target);
        seen.reads += keys.length;
        return keys;
      },
    });
  }

  const restored: (() => void)[] = [];
  afterEach(() => restored.splice(0).forEach((restore) => restore()));

  /** Counts characters that texts are read by, whoever does. Not by a spy, which would keep every call. */
  function watchTexts(seen: { characters: number }): void {
    const texts = String.prototype as unknown as Record<string, (...args: unknown[]) => unknown>; // its methods only
    for (const name of [...WHOLE, "charCodeAt"]) {
      const real = texts[name];
      if (real === undefined) throw new Error(`Texts have no ${name}.`);
      texts[name] = function (this: string, ...args: unknown[]) {
        seen.characters += name === "charCodeAt" ? 1 : this.length;
        return real.apply(this, args);
      };
      restored.push(() => (texts[name] = real));
    }
  }

  it("is bounded for every expression and every accepted event", () => {
    const seen = { reads: 0, characters: 0 };
    const scope = watched(large, seen) as JsonObject;
    watchTexts(seen);
    let exhausted = 0;
    fc.assert(
      fc.property(expression, (said) => {
        evaluate(said, small);
        seen.reads = 0;
        seen.characters = 0;
        const result = evaluate(said, scope);
        if (!result.ok && result.error.includes("steps")) exhausted += 1;
        expect(seen.reads, said).toBeLessThan(2 * MAX_CONDITION_STEPS);
        // A text that is looked for is compared again and again, four times for a character at the most.
        expect(seen.characters, said).toBeLessThan(6 * MAX_CONDITION_STEPS);
        if (result.ok)
          expect(JSON.stringify(result.value).length, said).toBeLessThan(3 * MAX_CONDITION_STEPS);
      }),
      { numRuns: 500, seed: 13 },
    );
    expect(exhausted).toBeGreaterThan(10);
  }, 120_000);
});
