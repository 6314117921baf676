import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { valueAt, withoutValueAt, withValueAt } from "#core/context/document.ts";
import { pathsOverlap } from "#core/context/path.ts";
import { forgetDeleted, lastChangeOf, recordChange, type PathVersions } from "#core/context/versions.ts";
import { isJsonObject, sameJson, type Json, type JsonObject } from "#core/json.ts";

const keys = fc.constantFrom("a", "b", "c", "constructor", "toString", "x.y", "__proto__", "");
const plainKeys = fc.constantFrom("a", "b", "c", "constructor");
const leaves = fc.constantFrom<Json>(null, true, 0, 1, "t", "");

const documentOf = (key: fc.Arbitrary<string>): fc.Arbitrary<JsonObject> =>
  fc.letrec<{ object: JsonObject; value: Json }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      leaves,
      tie("object"),
      fc.array(leaves, { maxLength: 2 }),
    ),
    // Through JSON, as data arrives: a key named __proto__ is then an own one.
    object: fc
      .array(fc.tuple(key, tie("value")), { maxLength: 4 })
      .map((entries) => JSON.parse(JSON.stringify(Object.fromEntries(entries))) as JsonObject),
  })).object;

const documents = documentOf(keys);
const paths = fc.array(plainKeys, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("."));

/** Every path of a document that a contract could name, with the value there: the slow way to compare two documents. */
function allPaths(value: Json, path: string, into: Map<string, Json>): Map<string, Json> {
  into.set(path, value);
  if (!isJsonObject(value)) return into;
  for (const [key, child] of Object.entries(value)) {
    if (key !== "" && !key.includes(".")) allPaths(child, path === "" ? key : `${path}.${key}`, into);
  }
  return into;
}

function historyOf(states: readonly JsonObject[]): PathVersions {
  let versions: PathVersions = {};
  let before: JsonObject | undefined;
  states.forEach((after, i) => {
    versions = recordChange(versions, before, after, "s", i + 1);
    before = after;
  });
  return versions;
}

describe("path versions", () => {
  it("never miss a difference since a view", () => {
    fc.assert(
      fc.property(fc.array(documents, { minLength: 2, maxLength: 5 }), fc.nat(), (states, pick) => {
        const versions = historyOf(states);
        const view = pick % (states.length - 1);
        const then = allPaths(states[view] as JsonObject, "s", new Map());
        const now = allPaths(states.at(-1) as JsonObject, "s", new Map());
        for (const path of new Set([...then.keys(), ...now.keys()])) {
          if (!sameJson(then.get(path), now.get(path))) {
            expect(lastChangeOf(versions, path)).toBeGreaterThan(view + 1);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it("never go back", () => {
    fc.assert(
      fc.property(documents, documents, documents, paths, (a, b, c, path) => {
        const earlier = historyOf([a, b]);
        const later = recordChange(earlier, b, c, "s", 3);
        expect(lastChangeOf(later, `s.${path}`)).toBeGreaterThanOrEqual(lastChangeOf(earlier, `s.${path}`));
      }),
    );
  });

  it("do not change outside the path of a write", () => {
    fc.assert(
      fc.property(documentOf(plainKeys), paths, leaves, paths, (document, path, value, other) => {
        fc.pre(!pathsOverlap(path, other));
        const after = withValueAt(document, path, value);
        // What stood in the way of the path was replaced, and all below it is gone.
        fc.pre(valueAt(document, other) !== undefined && valueAt(after, other) !== undefined);
        const versions = recordChange({ s: 1 }, document, after, "s", 2);
        expect(lastChangeOf(versions, `s.${other}`)).toBe(1);
      }),
    );
  });

  it("change only when documents differ", () => {
    fc.assert(
      fc.property(documents, (document) => {
        const versions = { s: 1 };
        expect(recordChange(versions, document, structuredClone(document), "s", 2)).toBe(versions);
      }),
    );
  });

  it("give the same answer for every live view after old deletions are dropped", () => {
    fc.assert(
      fc.property(documents, documents, documents, paths, (a, b, c, path) => {
        const versions = historyOf([a, b, c]);
        const oldestView = 2;
        const kept = forgetDeleted(versions, { s: c }, oldestView);
        const stale = (of: PathVersions) => lastChangeOf(of, `s.${path}`) > oldestView;
        expect(stale(kept)).toBe(stale(versions));
      }),
    );
  });
});

describe("documents", () => {
  it("return what was set, and nothing once it is removed", () => {
    fc.assert(
      fc.property(documents, paths, documents, (document, path, value) => {
        const changed = withValueAt(document, path, value);
        expect(valueAt(changed, path)).toEqual(value);
        expect(valueAt(withoutValueAt(changed, path), path)).toBeUndefined();
      }),
    );
  });

  it("are not changed by setting or removing, and pollute no prototype", () => {
    fc.assert(
      fc.property(documents, fc.array(keys, { maxLength: 4 }), leaves, (document, parts, value) => {
        const text = JSON.stringify(document);
        const path = parts.join(".");
        if (path !== "") withValueAt(document, path, value);
        withoutValueAt(document, path);
        expect(JSON.stringify(document)).toBe(text);
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
  });
});
