import { describe, expect, it } from "vitest";
import { differences } from "../../acceptance/match.ts";
import { maskedText, shapeOf } from "../../acceptance/shape.ts";

describe("an expectation", () => {
  it.each([
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: 1, b: 2 }, { a: 1 }],
    [[1], [1, 2]],
    [[], {}],
    ["x", "y"],
    [null, undefined],
    [{ $atLeast: 0.6 }, 0.59],
    [{ $below: 0.6 }, 0.6],
    [{ $oneOf: ["a", "b"] }, "c"],
    [{ $contains: ["a", "b"] }, "only a"],
    [{ $excludes: ["b"] }, "a B c"],
    [{ $startsWith: "a" }, "ba"],
    [{ $first: { a: 1 } }, [{ a: 2 }]],
    [{ $any: true }, undefined],
  ])("%j is not met by %j", (expected, actual) => {
    expect(differences(expected, actual)).not.toEqual([]);
  });

  it.each([
    [{ a: [1, { b: null }] }, { a: [1, { b: null }] }],
    [{ a: 1 }, { a: 1, b: undefined }],
    [{ $atLeast: 0.6 }, 0.6],
    [{ $contains: ["A"], $excludes: ["z"] }, "banana"],
    [{ $first: { a: 1 } }, [{ a: 1 }, 2]],
  ])("%j is met by %j", (expected, actual) => {
    expect(differences(expected, actual)).toEqual([]);
  });

  it("rejects an unknown operator", () => {
    expect(() => differences({ $atleast: 1 }, 1)).toThrow("$atleast");
  });
});

describe("the shape of a case", () => {
  it.each([
    ["Book a gardener for Tuesday at 10am", "Book a painter for next Friday at 3pm"],
    ["Cancel HS-2001 please, regards Ada", "Cancel HS-1999 please, regards Grace"],
    ["A quote under £50 by 3 May", "A quote under £120 by 14 October"],
  ])("is the same for %j and %j", (a, b) => {
    expect(maskedText(a)).toBe(maskedText(b));
  });

  it("differs when the case says something else", () => {
    expect(maskedText("Book a gardener for Tuesday")).not.toBe(
      maskedText("Please send a gardener on Tuesday"),
    );
  });

  it("hides the values of slots and shows which slots are set", () => {
    const shape = (slots: object) =>
      shapeOf(
        { name: "", kind: "in-domain", expected: {}, view: { inquiry: { intent: "book", slots } } },
        false,
      );
    expect(shape({ service: "gardening" })).toBe(shape({ service: "painting" }));
    expect(shape({ service: "gardening" })).not.toBe(shape({ reference: "HS-1" }));
  });
});
