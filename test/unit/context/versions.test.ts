import { describe, expect, it } from "vitest";
import {
  forgetDeleted,
  lastChangeOf,
  pathCount,
  recordChange,
  type PathVersions,
} from "#core/context/versions.ts";
import type { Json, JsonObject } from "#core/json.ts";

/** Versions of a section after a series of values, at sequences 1, 2, 3 … */
function history(...values: readonly (Json | undefined)[]): PathVersions {
  let versions: PathVersions = {};
  values.forEach((value, i) => {
    versions = recordChange(versions, i === 0 ? undefined : values[i - 1], value, "s", i + 1);
  });
  return versions;
}

describe("recordChange", () => {
  it("returns the same object when nothing differs", () => {
    const versions = history({ a: 1 });
    expect(recordChange(versions, { a: 1, b: [1] }, { b: [1], a: 1 }, "s", 9)).toBe(versions);
    expect(recordChange(versions, undefined, undefined, "s", 9)).toBe(versions);
  });

  it("does not modify the versions it was given", () => {
    const versions = Object.freeze(history({ a: 1 }));
    recordChange(versions, { a: 1 }, { a: 2 }, "s", 2);
    expect(versions).toEqual({ s: 1 });
  });

  it("updates a changed path and no sibling", () => {
    const versions = history({ a: 1, b: { c: 1, d: 1 } }, { a: 1, b: { c: 1, d: 2 } });
    expect(lastChangeOf(versions, "s.b.d")).toBe(2);
    expect(lastChangeOf(versions, "s.b")).toBe(2);
    expect(lastChangeOf(versions, "s.b.c")).toBe(1);
    expect(lastChangeOf(versions, "s.a")).toBe(1);
    expect(lastChangeOf(versions, "sa")).toBe(0);
  });

  it("remembers a deletion at the deleted path, and drops the entries below it", () => {
    const versions = history({ a: 1, b: { c: 1 } }, { a: 1, b: { c: 2 } }, { a: 1 });
    expect(versions).toEqual({ s: 1, "s.b": 3 });
    expect(lastChangeOf(versions, "s.b.c")).toBe(3);
    expect(lastChangeOf(versions, "s.a")).toBe(1);
  });

  it("remembers that a whole section was deleted", () => {
    expect(history({ a: 1 }, { a: 2 }, undefined)).toEqual({ s: 3 });
  });

  it("treats an array as one value", () => {
    expect(history({ l: [1, 2], k: 1 }, { l: [1, 3], k: 1 })).toEqual({ s: 1, "s.l": 2 });
  });

  it("detects a leaf that becomes an object, and the reverse", () => {
    const versions = history({ a: 1, b: 1 }, { a: { x: 1 }, b: 1 }, { a: { x: 2 }, b: 1 }, { a: null, b: 1 });
    expect(versions).toEqual({ s: 1, "s.a": 4 });
  });

  it("detects a key that changes from null to missing", () => {
    expect(lastChangeOf(history({ a: null }, {}), "s.a")).toBe(2);
  });

  it("detects an empty object that appears", () => {
    expect(lastChangeOf(history({ a: 1 }, { a: 1, e: {} }), "s.e")).toBe(2);
  });

  it("does not confuse a key that contains a dot with a path", () => {
    const versions = history({ a: { "b.c": 1 }, k: 1 }, { a: { "b.c": 2 }, k: 1 });
    expect(versions).toEqual({ s: 1, "s.a": 2 });
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "detects a change of a key named %s",
    (key) => {
      const of = (n: number) => JSON.parse(`{"${key}": ${n}, "k": 1}`) as Json;
      const versions = history(of(1), of(2));
      expect(lastChangeOf(versions, `s.${key}`)).toBe(2);
      expect(Object.getPrototypeOf(versions)).toBe(Object.prototype);
    },
  );

  it("detects a change of a section named __proto__", () => {
    const versions = recordChange({}, 1, 2, "__proto__", 4);
    expect(lastChangeOf(versions, "__proto__")).toBe(4);
  });

  it("records a whole document at the empty path", () => {
    const versions = recordChange({}, { a: 1, b: 1 }, { a: 2, b: 1 }, "", 3);
    expect(versions).toEqual({ a: 3 });
    expect(lastChangeOf(versions, "")).toBe(3);
  });
});

describe("forgetDeleted", () => {
  const document: JsonObject = { s: { a: 1 } };
  const versions = { s: 1, "s.gone": 4, "s.a": 2, "s.late": 7, other: 3 };

  it("drops old deletions only", () => {
    expect(forgetDeleted(versions, document, 4)).toEqual({ s: 1, "s.a": 2, "s.late": 7 });
  });

  it("returns the same object when there is nothing to drop", () => {
    expect(forgetDeleted(versions, document, 2)).toBe(versions);
  });
});

describe("pathCount", () => {
  it("counts the entries", () => {
    expect(pathCount({ a: 1, "a.b": 2 })).toBe(2);
  });
});
