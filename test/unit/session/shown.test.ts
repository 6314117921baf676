import { describe, expect, it } from "vitest";
import { parallel, sequence, step, transform } from "#core/flow/build.ts";
import { shown } from "#core/session/shown.ts";
import { agent, flowOf, applicationOf, running } from "./sample.ts";
import { World } from "#testing/given-when-then.ts";

/** A run that has written, and goes on: another has left `a` and `order` before. */
const underWay = () => {
  const plan = sequence(
    step("a"),
    transform({ "order.total": "input.n" }),
    step("b", { compensate: step("c") }),
  );
  const w = running(plan, { agents: [agent("b", { effect: "once" })], data: { n: 1 } });
  w.answer("a", "first", { confidence: 0.9 });
  w.claim("b");
  w.answer("b", "done");
  w.event("Asked", { n: 2 });
  w.answer("a", "second", { confidence: 0.4 });
  w.claim("b");
  return w;
};

describe("a shown state", () => {
  it("contains the session's context, and the values of an active run apart from it", () => {
    const { state } = underWay();
    const { context, findings, sheets } = shown(state);
    expect(context).toMatchObject({ a: "first", order: { total: 1 }, b: "done" });
    expect(findings["a"]).toMatchObject({ confidence: 0.9 });
    const [run = ""] = Object.keys(state.runs);
    expect(Object.keys(sheets)).toEqual([run]);
    expect(sheets).toMatchObject({
      [run]: {
        context: { a: "second", order: { total: 2 } },
        findings: { a: { confidence: 0.4 } },
        versions: { a: expect.any(Number) as number },
      },
    });
  });

  it("names every path as steps do", () => {
    expect(JSON.stringify(shown(underWay().state))).not.toContain("~");
  });

  it("equals the state when nothing is in progress", () => {
    const w = underWay();
    w.answer("b", "done");
    expect(shown(w.state)).toEqual({ ...w.state, sheets: {} });
  });

  it("distinguishes the sheets of concurrent runs", () => {
    const flow = flowOf(parallel({ branches: { x: step("a"), y: step("b") } }), { onBusy: "parallel" });
    const w = new World(applicationOf([flow]));
    w.event("Asked");
    w.event("Asked");
    w.answer("a", 1);
    w.answer("a", 2);
    expect(Object.values(shown(w.state).sheets).map(({ context }) => context)).toEqual([{ a: 1 }, { a: 2 }]);
  });
});
