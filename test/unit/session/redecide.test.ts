import { describe, expect, it } from "vitest";
import { choice, fallback, sequence, step } from "#core/flow/build.ts";
import type { FlowDefinition } from "#core/flow/plan.ts";
import { decideAgain } from "#core/session/redecide.ts";
import { withFlows } from "#core/session/stored-flows.ts";
import { World } from "#testing/given-when-then.ts";
import { agent, applicationOf, flowOf } from "./sample.ts";

const plan = (condition: string) =>
  sequence(
    step("a"),
    choice({ when: [{ if: condition, then: step("b") }], otherwise: step("c") }),
    step("d", { fallback: fallback.skip() }),
  );
const recordedFlow = flowOf(plan("a.amount > 10"));

/** A session that took the first branch, in a commit for each input. */
function recorded() {
  const w = new World(applicationOf([recordedFlow]));
  w.event("Asked", { who: "Ada" });
  w.answer("a", { amount: 20 });
  w.answer("b", 1);
  w.fail("d");
  return w;
}

/** Its commits with the flows that they name, as an export has them. */
const whole = ({ commits, application }: World) =>
  commits.map((commit) => withFlows(commit, application.flows));

const against = (flow: FlowDefinition, ...rest: readonly FlowDefinition[]) =>
  decideAgain(whole(recorded()), applicationOf([flow, ...rest]));

describe("a recorded session", () => {
  it("is decided as it was by the flows that it recorded, and by the same ones today", () => {
    expect(decideAgain(whole(recorded()))).toEqual([]);
    expect(against(recordedFlow)).toEqual([]);
    expect(decideAgain([])).toEqual([]);
  });

  it("differs at the one decision that an edited condition changes, and at none after it", () => {
    const w = recorded();
    const chosen = w.events().find(({ type }) => type === "ChoiceMade")?.sequence;
    expect(against(flowOf(plan("a.amount > 30")))).toEqual([
      { sequence: chosen, problem: 'ChoiceMade: branch was "when/0" and is "otherwise".' },
    ]);
    expect(against(flowOf(plan("a.amount >= 10")))).toMatchObject([{ sequence: chosen }]);
  });

  it("is the same for an edit that decides nothing on it", () => {
    const longer = flowOf(plan("a.amount > 10"), { timeoutMs: 3_600_000 });
    expect(against(longer)).toEqual([]);
    const other = flowOf(step("e"), { name: "other", on: "Told" });
    expect(against(recordedFlow, other)).toEqual([]);
  });

  it("differs where a flow no longer starts, or another one starts too", () => {
    expect(against(flowOf(plan("a.amount > 10"), { if: "event.who == 'Bob'" }))).toMatchObject([
      { sequence: 1, problem: expect.stringMatching(/^InputAccepted: disposition was "triggers"/) as string },
    ]);
    const together = { ...recordedFlow, together: ["other"] };
    const other = (condition: string) =>
      flowOf(step("e"), { name: "other", together: ["visit"], if: condition });
    expect(against(together, other("event.who == 'Bob'"))).toEqual([]);
    expect(against(together, other("event.who == 'Ada'"))).toMatchObject([
      { sequence: 1, problem: 'It starts the flow "other" too.' },
    ]);
  });

  it("differs where an agent is sent another view, waits longer, or its step is gone", () => {
    const app = (changed: ReturnType<typeof agent>) =>
      decideAgain(whole(recorded()), applicationOf([recordedFlow], [changed]));
    const dispatched = recorded()
      .events()
      .find((event) => event.type === "AttemptDispatched" && event.data.agent === "b")?.sequence;
    expect(app(agent("b", { reads: ["a"] }))).toEqual([
      { sequence: dispatched, problem: "Attempt 1 of b is sent another view: of a instead of input." },
    ]);
    expect(app(agent("b", { timeoutMs: 5_000 }))).toMatchObject([
      { problem: expect.stringMatching(/^AttemptDispatched: deadline was/) as string },
    ]);
    const shorter = against(flowOf(sequence(step("a"), step("b"))));
    expect(shorter.length).toBeGreaterThan(1);
    expect(shorter.at(-1)?.problem).toMatch(/^It cannot be decided: Step plan\/2 is not in flow visit/);
  });

  it("differs where the log does not say what was decided", () => {
    const [first, ...rest] = whole(recorded());
    if (first === undefined) throw new Error("Nothing was committed.");
    const changed = first.events.map((event) =>
      event.type === "TaskCreated" ? { ...event, data: { ...event.data, slot: "other" } } : event,
    );
    expect(decideAgain([{ ...first, events: changed }, ...rest])[0]?.problem).toMatch(
      /^TaskCreated: slot was "other"/,
    );
    const events = first.events.slice(0, -1);
    expect(decideAgain([{ ...first, last: first.last - 1, events }])[0]?.problem).toMatch(
      /is decided after everything that was recorded/,
    );
  });
});
