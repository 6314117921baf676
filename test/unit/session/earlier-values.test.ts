import { describe, expect, it } from "vitest";
import { choice, reply, sequence, step, transform } from "#core/flow/build.ts";
import { dataOf, World } from "#testing/given-when-then.ts";
import { agent, applicationOf, flowOf, running } from "./sample.ts";

describe("the values of an earlier run", () => {
  const twice = (reads: readonly string[]) => {
    const w = running(sequence(step("a"), step("b")), { agents: [agent("b", { reads })] });
    w.answer("a", "first");
    w.answer("b", 1);
    w.event("Asked");
    w.answer("a", "second");
    return w;
  };

  it("are read under `before`, in contracts", () => {
    expect(twice(["a", "before.a"]).order("b").view).toEqual({ a: "second", before: { a: "first" } });
  });

  it("are read under `before`, in expressions", () => {
    const w = running(sequence(step("a"), reply(`has(before.a) ? before.a : "none"`)));
    w.answer("a", "first");
    w.event("Asked");
    w.answer("a", "second");
    expect(w.replies).toEqual(["none", "first"]);
  });

  it("make a result stale that read them, when another run changes them", () => {
    const app = applicationOf(
      [
        flowOf(transform({ "note.n": "input.n" }), { name: "noting", on: "Noted", onBusy: "parallel" }),
        flowOf(step("b")),
      ],
      [agent("b", { reads: ["before.note"] })],
    );
    const w = new World(app);
    w.event("Asked");
    w.event("Noted", { n: 1 });
    expect(w.answer("b", "old").types).toContain("AnswerStale");
    expect(w.order("b").view).toEqual({ before: { note: { n: 1 } } });
  });

  it("fill a slot through lastKnown", () => {
    const w = running(sequence(step("a", { fallback: [{ type: "last-known" }] }), reply("a")));
    w.answer("a", "first");
    w.event("Asked");
    w.fail("a");
    expect(w.replies).toEqual(["first", "first"]);
  });
});

describe("a contract that keeps its section", () => {
  const memory = agent("memory", { reads: ["input"], keeps: true });
  const urgent = () =>
    new World(
      applicationOf(
        [
          flowOf(sequence(step("memory"), step("b")), { onBusy: "queue" }),
          flowOf(step("memory"), { name: "urgent", on: "Alarm", onBusy: "pre-empt" }),
        ],
        [memory],
      ),
    );

  it("reads the previous run's value, and leaves its own", () => {
    const w = running(step("memory"), { agents: [memory] });
    expect(w.order("memory").view).toEqual({ input: {} });
    w.answer("memory", ["hello"]);
    w.event("Asked");
    expect(w.order("memory").view).toEqual({ input: {}, memory: ["hello"] });
    w.answer("memory", ["hello", "again"]);
    expect(w.state.context["memory"]).toEqual(["hello", "again"]);
  });

  it("keeps its value when its step was not reached", () => {
    const plan = choice({ when: [{ if: "input.talk", then: step("memory") }], otherwise: step("b") });
    const w = running(plan, { agents: [memory], data: { talk: true } });
    w.answer("memory", "known");
    w.event("Asked", { talk: false });
    w.answer("b", 1);
    expect(w.state.context["memory"]).toBe("known");
  });

  it("is rerun before its run ends, when another run wrote the section meanwhile", () => {
    const w = urgent();
    w.event("Asked");
    w.answer("memory", ["slow"]);
    w.event("Alarm");
    w.answer("memory", ["urgent"]);
    w.answer("b", 1);
    expect(dataOf(w.events(), "KeptSectionChanged")).toMatchObject([{ action: "rerun", step: "plan/0" }]);
    expect(w.order("memory").view).toMatchObject({ memory: ["urgent"] });
    w.answer("memory", ["urgent", "slow"]);
    expect(w.state.context["memory"]).toEqual(["urgent", "slow"]);
    expect(w.state.runs).toEqual({});
  });

  it("records a conflict instead when it is an effect", () => {
    const once = agent("memory", { keeps: true, effect: "once" });
    const app = applicationOf(
      [
        flowOf(sequence(step("memory"), step("b")), { onBusy: "queue" }),
        flowOf(step("memory"), { name: "urgent", on: "Alarm", onBusy: "pre-empt" }),
      ],
      [once],
    );
    const w = new World(app);
    w.event("Asked");
    w.claim("memory", "e1");
    w.answer("memory", "slow");
    w.event("Alarm");
    w.claim("memory", "e2");
    w.answer("memory", "urgent");
    w.answer("b", 1);
    expect(dataOf(w.events(), "KeptSectionChanged")).toMatchObject([{ action: "conflict" }]);
    expect(w.state.context["memory"]).toBe("slow");
  });
});

describe("a run that started under form 1", () => {
  it("ends under its rules, whatever form later writers use", () => {
    const plan = sequence(step("a"), step("b", { fallback: [{ type: "skip" }] }), reply("{'b': has(b.n)}"));
    const old = running(plan, { world: { form: 1 } });
    old.answer("a", 1);
    expect(old.state.context["a"]).toBe(1);
    expect(old.commits.map(({ schemaVersion }) => schemaVersion)).toEqual([1, 1]);
    old.writes(2);
    old.answer("b", { n: 1 });
    expect(old.commits.at(-1)?.schemaVersion).toBe(1);
    old.event("Asked");
    expect(old.commits.at(-1)?.schemaVersion).toBe(2);
    old.answer("a", 2);
    old.fail("b");
    expect(old.replies).toEqual([{ b: true }, { b: false }]);
  });

  it("and one that started under form 2 ends under its own after a rollback", () => {
    const w = running(sequence(step("a"), step("b")), { world: { form: 2 } });
    w.writes(1);
    w.answer("a", "own");
    expect(w.state.context).not.toHaveProperty("a");
    expect(w.commits.at(-1)?.schemaVersion).toBe(2);
    w.answer("b", 1);
    expect(w.state.context).toMatchObject({ a: "own" });
    w.event("Asked");
    w.answer("a", "session's");
    expect(w.state.context).toMatchObject({ a: "session's" });
    // What reads less must not take up this log in its middle.
    expect(w.commits.at(-1)?.schemaVersion).toBe(2);
  });
});
