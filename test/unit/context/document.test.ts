import { describe, expect, it } from "vitest";
import { valueAt, withoutValueAt, withValueAt } from "#core/context/document.ts";
import { pathsOverlap, splitPath } from "#core/context/path.ts";
import type { JsonObject } from "#core/json.ts";

const document: JsonObject = {
  input: { text: "hi", items: [{ x: 1 }, { x: 2 }] },
  session: { who: "Ada" },
};

describe("paths", () => {
  it("splits at dots; the empty path has no keys", () => {
    expect(splitPath("a.b.c")).toEqual(["a", "b", "c"]);
    expect(splitPath("")).toEqual([]);
  });

  it.each([
    ["a", "a", true],
    ["a", "a.b", true],
    ["a.b.c", "a", true],
    ["a", "ab", false],
    ["a.b", "a.bc", false],
    ["a.b", "a.c", false],
    ["", "a", true],
    ["a", "", true],
  ])("%s and %s overlap: %s", (a, b, overlap) => {
    expect(pathsOverlap(a, b)).toBe(overlap);
  });
});

describe("valueAt", () => {
  it.each([
    ["input.text", "hi"],
    ["input.items.1.x", 2],
    ["input.items.01", undefined],
    ["input.items.-1", undefined],
    ["input.items.length", undefined],
    ["input.text.length", undefined],
    ["input.missing.deeper", undefined],
    ["constructor", undefined],
    ["__proto__", undefined],
    ["input.__proto__.toString", undefined],
  ])("%s", (path, value) => {
    expect(valueAt(document, path)).toEqual(value);
  });

  it("gives the document at the empty path", () => {
    expect(valueAt(document, "")).toBe(document);
  });
});

describe("withValueAt", () => {
  it("shares everything outside the path and leaves the original unchanged", () => {
    const before = structuredClone(document);
    const changed = withValueAt(document, "input.text", "bye");
    expect(changed).toEqual({ ...document, input: { ...(document["input"] as JsonObject), text: "bye" } });
    expect(changed["session"]).toBe(document["session"]);
    expect(valueAt(changed, "input.items")).toBe(valueAt(document, "input.items"));
    expect(document).toEqual(before);
  });

  it("creates the missing objects on the path", () => {
    expect(withValueAt({}, "a.b.c", 1)).toEqual({ a: { b: { c: 1 } } });
  });

  it("replaces what cannot hold the key", () => {
    expect(withValueAt({ a: 5 }, "a.b", 1)).toEqual({ a: { b: 1 } });
    expect(withValueAt({ a: [1, 2] }, "a.b", 1)).toEqual({ a: { b: 1 } });
  });

  it("sets an item of an existing array", () => {
    expect(withValueAt(document, "input.items.0.x", 9)).toMatchObject({
      input: { items: [{ x: 9 }, { x: 2 }] },
    });
  });

  it("sets a key named __proto__ as data", () => {
    const changed = withValueAt({}, "a.__proto__.polluted", true);
    expect(JSON.stringify(changed)).toBe('{"a":{"__proto__":{"polluted":true}}}');
    expect(valueAt(changed, "a.__proto__.polluted")).toBe(true);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("rejects anything but an object as the whole document", () => {
    expect(withValueAt(document, "", { a: 1 })).toEqual({ a: 1 });
    expect(() => withValueAt(document, "", 1)).toThrow("A document is an object");
  });
});

describe("withoutValueAt", () => {
  it("removes the key and keeps the rest", () => {
    const changed = withoutValueAt(document, "input.text");
    expect(changed).toEqual({ input: { items: [{ x: 1 }, { x: 2 }] }, session: { who: "Ada" } });
    expect(changed["session"]).toBe(document["session"]);
  });

  it.each([
    "missing",
    "input.missing",
    "input.text.deeper",
    "input.items.0",
    "__proto__",
    "input.constructor",
  ])("returns the same document when there is nothing to remove at %s", (path) => {
    expect(withoutValueAt(document, path)).toBe(document);
  });
});
