import { describe, expect, it } from "vitest";
import { parallel, sequence, step, transform } from "#core/flow/build.ts";
import { explainEvents } from "#core/session/explain-events.ts";
import { shown } from "#core/session/shown.ts";
import { tell } from "#client/narration/tell.ts";
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

describe("a state that is shown", () => {
  it("holds the session's context, and what a run under way has written apart from it", () => {
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

  it("is the state where nothing is under way", () => {
    const w = underWay();
    w.answer("b", "done");
    expect(shown(w.state)).toEqual({ ...w.state, sheets: {} });
  });

  it("tells the sheets of runs side by side from one another", () => {
    const flow = flowOf(parallel({ branches: { x: step("a"), y: step("b") } }), { onBusy: "parallel" });
    const w = new World(applicationOf([flow]));
    w.event("Asked");
    w.event("Asked");
    w.answer("a", 1);
    w.answer("a", 2);
    expect(Object.values(shown(w.state).sheets).map(({ context }) => context)).toEqual([{ a: 1 }, { a: 2 }]);
  });
});

describe("what is told of a session", () => {
  it("names the paths that a run writes as its flow does", () => {
    const w = underWay();
    const setting = { state: w.state, at: 0, flows: new Map() };
    const told = w
      .events()
      .flatMap((event) => (event.type === "ContextTransformed" ? [tell(event, setting)] : []));
    expect(told.map((fact) => fact?.what)).toEqual(["sets order.total to 1", "sets order.total to 2"]);
  });

  it("says what effects left that a run has not undone", () => {
    const book = agent("book", { effect: "once" });
    const w = running(sequence(step("book"), step("b")), { agents: [book] });
    w.claim("book");
    w.answer("book", "room 12");
    w.fail("b");
    expect(explainEvents(w.events()).at(-1)).toMatch(/The session keeps book: what effects did stands\.$/);
    const failed = w.events().filter(({ type }) => type === "RunFailed");
    const setting = { state: w.state, at: 0, flows: new Map() };
    expect(failed.map((event) => tell(event, setting)?.what)).toEqual([
      expect.stringMatching(/; book stands$/) as string,
    ]);
  });
});
