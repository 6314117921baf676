import { describe, expect, it } from "vitest";
import { sameWhereShown } from "#local/check-log/same-where-shown.ts";

const sealed = { $sealed: "abc" };

describe("a logged body, compared with the sent one", () => {
  it.each([
    ["a sealed value", { text: sealed, n: [1] }, { text: "hello", n: [1] }],
    ["an erased value", { a: [{ b: { $erased: true } }] }, { a: [{ b: 7 }] }],
    ["a whole that is sealed", sealed, { any: "thing" }],
    ["nothing sealed", { a: [1, null, "x"] }, { a: [1, null, "x"] }],
  ])("is the same with %s", (_what, logged, sent) => {
    expect(sameWhereShown(logged, sent)).toBe(true);
  });

  it.each([
    ["another value beside a sealed one", { text: sealed, n: 1 }, { text: "hello", n: 2 }],
    ["a field less", { text: sealed }, { text: "hello", n: 2 }],
    ["a field more", { text: sealed, n: 2 }, { text: "hello" }],
    ["another length", [sealed], ["a", "b"]],
    ["what only looks sealed", { $sealed: "abc", n: 1 }, { n: 1 }],
    ["another name", { a: 1 }, { b: 1 }],
  ])("is different with %s", (_what, logged, sent) => {
    expect(sameWhereShown(logged, sent)).toBe(false);
  });
});
