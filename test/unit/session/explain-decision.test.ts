import { describe, expect, it } from "vitest";
import { choice, sequence, step, waitFor } from "#core/flow/build.ts";
import { explainDecision, type ExplainedDecision } from "#core/session/explain-decision.ts";
import { foldCommits } from "#core/session/fold.ts";
import { World } from "#testing/given-when-then.ts";
import { agent, applicationOf, flowOf, running } from "./sample.ts";

/** The decision that an event is part of, as the log alone tells it. */
function decisionAt(world: World, sequence: number): ExplainedDecision {
  const at = world.commits.findIndex(({ last }) => last >= sequence);
  const before = foldCommits(world.state, world.commits.slice(0, at), () => undefined);
  const commit = world.commits[at];
  const explained = commit && explainDecision(before, commit, sequence, world.application);
  if (explained === undefined) throw new Error(`Event ${sequence} is not explained.`);
  return explained;
}

const decisionOf = (world: World, type: string): ExplainedDecision =>
  decisionAt(world, world.events().find((event) => event.type === type)?.sequence ?? 0);

describe("a choice of a branch", () => {
  const plan = sequence(
    step("a"),
    choice({
      when: [
        { if: "a.kind == 'x'", then: step("b") },
        { if: "a.list[9] == 1", then: step("d") },
        { if: "confidence.a < 0.5 && input.vip", then: step("c") },
        { if: "a.kind == 'z'", then: step("e") },
      ],
      otherwise: step("d"),
    }),
  );

  it("names each way, with its condition and why it was not taken", () => {
    const w = running(plan, { data: { vip: true } });
    w.answer("a", { kind: "y", list: [1] }, { confidence: 0.25 });
    const { choices } = decisionOf(w, "ChoiceMade");
    expect(choices).toMatchObject([
      {
        kind: "branch",
        step: "plan/1",
        alternatives: [
          { name: "when/0", condition: "a.kind == 'x'", outcome: "did-not-hold" },
          { name: "when/1", outcome: "failed", error: expect.stringMatching(/./) as string },
          { name: "when/2", outcome: "taken" },
          { name: "when/3", outcome: "not-asked" },
          { name: "otherwise", outcome: "not-asked" },
        ],
      },
    ]);
  });

  it("tells each value that was asked for, with the event that wrote it", () => {
    const w = running(plan, { data: { vip: true } });
    w.answer("a", { kind: "y", list: [1] }, { confidence: 0.25 });
    const applied = w.events().find(({ type }) => type === "AnswerApplied")?.sequence;
    expect(decisionOf(w, "ChoiceMade").choices[0]?.values).toEqual([
      { path: "a.kind", value: "y", writtenAt: applied },
      { path: "a.list", value: [1], writtenAt: applied },
      { path: "confidence.a", value: 0.25, writtenAt: applied },
      { path: "input.vip", value: true, writtenAt: 1 },
    ]);
  });

  it("leaves out what nobody wrote, and asks no condition behind the one that held", () => {
    const w = running(plan, { data: { vip: true } });
    w.answer("a", { kind: "x" });
    expect(decisionOf(w, "ChoiceMade").choices[0]?.values.map(({ path }) => path)).toEqual(["a.kind"]);
    const otherwise = running(plan, { data: {} });
    otherwise.answer("a", { kind: "y" });
    const [last] = decisionOf(otherwise, "ChoiceMade").choices;
    expect(last?.alternatives.at(-1)).toEqual({ name: "otherwise", outcome: "taken" });
    expect(last?.values.filter(({ value }) => value === undefined)).toMatchObject([
      { path: "a.list" },
      { path: "confidence.a" },
      { path: "input.vip" },
    ]);
  });
});

describe("an event", () => {
  const flows = [
    flowOf(step("a"), {
      name: "large",
      together: ["small"],
      if: "event.amount > 100 && session.tier == 'gold'",
    }),
    flowOf(step("b"), { name: "small", together: ["large"], if: "event.amount <= 100" }),
  ];

  it("tells which flows it could have started, and on which values", () => {
    const w = new World(applicationOf(flows));
    w.event("Asked", { amount: 5 }, { session: { tier: "gold" } });
    const [trigger] = decisionOf(w, "InputAccepted").choices;
    expect(trigger).toMatchObject({
      kind: "trigger",
      sequence: 1,
      alternatives: [
        { name: "large", outcome: "did-not-hold" },
        { name: "small", condition: "event.amount <= 100", outcome: "taken" },
      ],
    });
    w.answer("b", 1);
    w.event("Asked", { amount: 500 });
    const facts = w.events().find(({ type }) => type === "RunStarted")?.sequence;
    const asked = w.events().findLast(({ type }) => type === "InputAccepted")?.sequence ?? 0;
    expect(decisionAt(w, asked).choices[0]).toMatchObject({
      alternatives: [{ name: "large", outcome: "taken" }, { outcome: "did-not-hold" }],
      values: [
        { path: "event.amount", value: 500, writtenAt: asked },
        { path: "session.tier", value: "gold", writtenAt: facts },
      ],
    });
  });

  it("tells which step took it, and on which condition", () => {
    const w = running(
      sequence(step("a"), waitFor("Paid", { if: "event.amount >= a.price", timeoutMs: 5_000 })),
    );
    w.answer("a", { price: 7 });
    w.event("Paid", { amount: 9 });
    const { choices, input } = decisionOf(w, "WaitSatisfied");
    expect(input).toMatchObject({ kind: "event", source: "test" });
    const applied = w.events().find(({ type }) => type === "AnswerApplied")?.sequence;
    const paid = w.commits.at(-1)?.first;
    expect(choices).toMatchObject([
      {
        kind: "wait",
        step: "plan/1",
        alternatives: [{ condition: "event.amount >= a.price", outcome: "taken" }],
        values: [
          { path: "a.price", value: 7, writtenAt: applied },
          { path: "event.amount", value: 9, writtenAt: paid },
        ],
      },
    ]);
  });
});

describe("an answer on an old view", () => {
  it("tells which paths changed, and which event wrote them", () => {
    const reading = agent("a", { reads: ["input", "session.tier", "session.name"] });
    const flows = [flowOf(step("a")), flowOf(step("b"), { name: "other", on: "Told", onBusy: "parallel" })];
    const w = new World(applicationOf(flows, [reading]));
    w.event("Asked", {}, { session: { tier: "gold", name: "Ada" } });
    w.event("Told", {}, { session: { tier: "lead" } });
    const told = w.events().findLast(({ type }) => type === "RunStarted")?.sequence;
    w.answer("a", 1);
    expect(decisionOf(w, "AnswerStale").stale).toMatchObject([
      { agent: "a", attempt: 1, changed: [{ path: "session.tier", writtenAt: told }] },
    ]);
  });
});

it("explains the input that an event belongs to, and no other of the same commit", () => {
  const w = new World(applicationOf([flowOf(step("a"), { onBusy: "parallel" })]));
  w.send(w.eventInput("Asked", { n: 1 }), w.eventInput("Asked", { n: 2 }));
  const [commit] = w.commits;
  if (commit === undefined) throw new Error("Nothing was committed.");
  const before = foldCommits(w.state, [], () => undefined);
  const explained = commit.inputs.map(({ first }) => explainDecision(before, commit, first, w.application));
  expect(explained.map((one) => one?.events[0]?.sequence)).toEqual(commit.inputs.map(({ first }) => first));
  expect(explained.flatMap((one) => one?.events ?? [])).toEqual(commit.events);
  expect(explainDecision(before, commit, commit.last + 1, w.application)).toBeUndefined();
});
