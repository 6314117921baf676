import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rowWindow, scrollFor } from "#console/model/row-window.ts";
import { inOrder, withFresh, withNewer, withPage, type SessionRow } from "#console/model/session-row.ts";
import { runs } from "../support/runs.ts";

const row = (session: string, lastAt: number, more: Partial<SessionRow> = {}): SessionRow => ({
  ...{ session, lastAt, state: "running", sequence: 1, startedAt: 0, flows: [], agents: [] },
  ...{ tokens: 0, money: 0, ...more },
});
const names = (rows: readonly SessionRow[]) => rows.map(({ session }) => session);
const problem = { problem: { kind: "failed", at: 0, sequence: 1 } } as const;

describe("the list of sessions", () => {
  it("has problems first, then the newest", () => {
    expect(names(inOrder([row("old", 1), row("bad", 0, problem), row("new", 2)]))).toEqual([
      "bad",
      "new",
      "old",
    ]);
  });

  it("changes rows where they are, and holds new ones back until they are asked for", () => {
    const first = { shown: [row("a", 2), row("b", 1)], fresh: [] };
    const second = withNewer(first, [row("c", 9), row("b", 8, { state: "ended" })]);
    expect(names(second.shown)).toEqual(["a", "b"]);
    expect(second.shown[1]).toMatchObject({ state: "ended", lastAt: 8 });
    expect(names(second.fresh)).toEqual(["c"]);
    const third = withNewer(second, [row("c", 10), row("d", 11, problem)]);
    expect(names(third.fresh)).toEqual(["c", "d"]);
    expect(withFresh(third)).toEqual({ shown: [...inOrder([...third.shown, ...third.fresh])], fresh: [] });
    expect(names(withFresh(third).shown)).toEqual(["d", "c", "b", "a"]);
  });

  it("shows a session once, however often pages have it", () => {
    const first = { shown: [row("a", 2)], fresh: [] };
    expect(names(withPage(first, [row("a", 2), row("b", 1)]).shown)).toEqual(["a", "b"]);
  });
});

describe("the rows that are drawn", () => {
  const views = fc.record({
    scrollTop: fc.nat(200_000),
    height: fc.integer({ min: 1, max: 2_000 }),
    rowHeight: fc.constant(26),
  });

  it("are all that can be seen, and few more", () => {
    fc.assert(
      fc.property(views, fc.nat(10_000), (view, count) => {
        const { from, to } = rowWindow(view, count);
        expect(to - from).toBeLessThanOrEqual(view.height / 26 + 15);
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(Math.max(count, from));
        const [top, bottom] = [
          Math.floor(view.scrollTop / 26),
          Math.min(count, Math.ceil((view.scrollTop + view.height) / 26)),
        ];
        if (top < count) expect(from <= top && to >= bottom).toBe(true);
      }),
      { numRuns: runs(300) },
    );
  });

  it("include the selected one after scrolling to it", () => {
    fc.assert(
      fc.property(views, fc.nat(5_000), (view, selected) => {
        const scrollTop = scrollFor(selected, { ...view, height: Math.max(26, view.height) });
        const { from, to } = rowWindow({ ...view, scrollTop }, 5_001);
        expect(from <= selected && selected < to).toBe(true);
      }),
      { numRuns: runs(200) },
    );
  });
});
