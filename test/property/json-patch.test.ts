import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { patchBetween } from "#core/json-patch.ts";
import type { Json } from "#core/json.ts";
import { runs } from "../support/runs.ts";
import { applyPatch } from "./dialects/apply-patch.ts";

const keys = fc.oneof(
  fc.constantFrom("a", "b", "~", "/", "~1", "a/b", "", "__proto__"),
  fc.string({ maxLength: 3 }),
);
const { value: values } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(null, 1, 2, "x", true),
    fc.array(tie("value"), { maxLength: 2 }),
    fc.array(fc.tuple(keys, tie("value")), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  ),
}));

describe("a JSON patch between two values", () => {
  it("makes the one the other, by a reader of RFC 6902", () => {
    fc.assert(
      fc.property(values, values, (before, after) => {
        expect(applyPatch(before, patchBetween(before, after))).toEqual(after);
        expect(patchBetween(after, structuredClone(after))).toEqual([]);
      }),
      { numRuns: runs(300) },
    );
  });

  it("names only what differs, and escapes keys", () => {
    expect(
      patchBetween({ "a/b": { "~": 1, same: [1] }, gone: 1 }, { "a/b": { "~": 2, same: [1] }, new: null }),
    ).toEqual([
      { op: "remove", path: "/gone" },
      { op: "replace", path: "/a~1b/~0", value: 2 },
      { op: "add", path: "/new", value: null },
    ]);
  });
});
