import { describe, expect, it } from "vitest";
import { pathsOfState, stateChanges } from "#console/model/state-paths.ts";

const sheet = (context: Record<string, never>) => ({ context, versions: {}, findings: {} });
const json = (value: object) => value as Record<string, never>;

describe("the values of a state", () => {
  it("have the event that wrote them, or one above or below them, last", () => {
    const state = {
      context: json({ a: { b: 1, c: [1, 2] }, d: {} }),
      versions: { a: 3, "a.b": 7 },
      sheets: { r: { context: json({ x: "own" }), versions: { x: 9 }, findings: {} } },
    };
    expect(pathsOfState(state)).toEqual([
      { path: "a.b", value: 1, writtenAt: 7 },
      { path: "a.c", value: [1, 2], writtenAt: 3 },
      { path: "d", value: {}, writtenAt: 0 },
      { path: "x", value: "own", writtenAt: 9, run: "r" },
    ]);
  });
});

describe("what an event changed", () => {
  it("is each path that differs, of the session and of runs under way", () => {
    const before = { context: json({ a: { b: 1, c: 2 } }), sheets: { r: sheet(json({ x: 1 })) } };
    const after = {
      context: json({ a: { b: 1, c: 3 }, n: 1 }),
      sheets: { r: sheet(json({ x: 2 })), q: sheet(json({ y: 1 })) },
    };
    expect(stateChanges(before, after)).toEqual([
      { path: "a.c", one: 2, other: 3 },
      { path: "n", other: 1 },
      { path: "x", one: 1, other: 2, run: "r" },
      { path: "y", other: 1, run: "q" },
    ]);
  });

  it("is everything for the first event, and not that a run's sheet ended", () => {
    expect(stateChanges(undefined, { context: json({ a: 1 }), sheets: {} })).toEqual([
      { path: "a", other: 1 },
    ]);
    const before = { context: json({}), sheets: { r: sheet(json({ x: 1 })) } };
    expect(stateChanges(before, { context: json({ x: 1 }), sheets: {} })).toEqual([{ path: "x", other: 1 }]);
  });
});
