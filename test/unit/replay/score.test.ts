import { describe, expect, it } from "vitest";
import { runPlainly } from "../../../scripts/replay/reference.ts";
import type { TurnOutcome } from "../../../scripts/replay/reference.ts";
import { sameCalls, scoreDialogue } from "../../../scripts/replay/score.ts";
import { dialogueNamed, services } from "./fixture.ts";

const dialogue = dialogueNamed("01_cabin_and_ferry");
const outcomes = runPlainly(dialogue, services);
const changed = (turn: number, change: (outcome: TurnOutcome) => TurnOutcome) =>
  outcomes.map((outcome) => (outcome.turn === turn ? change(outcome) : outcome));
const score = (run: readonly TurnOutcome[]) => scoreDialogue(dialogue, run);

describe("the score of a run", () => {
  it("counts the annotated calls and states when nothing was run", () => {
    expect(score([])).toEqual({
      calls: { expected: 3, made: 0, exact: 0, byReference: 0 },
      // A state in which the user filled nothing would match; this dialogue has none.
      states: { expected: 9, matched: 0 },
    });
  });

  it("counts a call as exact only with the same parameters, in its turn", () => {
    const other = changed(8, (outcome) => ({
      ...outcome,
      calls: outcome.calls.map((call) => ({ ...call, parameters: { ...call.parameters, guests: "4" } })),
    }));
    expect(score(other).calls).toMatchObject({ made: 3, exact: 2 });
    const [booking] = outcomes.filter(({ turn }) => turn === 8).flatMap(({ calls }) => calls);
    const early = changed(6, (outcome) => ({ ...outcome, calls: booking ? [booking] : [] }));
    expect(score(early).calls).toMatchObject({ made: 4, exact: 3 });
  });

  it("counts one annotated call once, however often it was made", () => {
    const twice = changed(8, (outcome) => ({ ...outcome, calls: [...outcome.calls, ...outcome.calls] }));
    expect(score(twice).calls).toMatchObject({ expected: 3, made: 4, exact: 3 });
  });

  it("does not match a state with an extra, missing or different slot", () => {
    const { expected, matched } = score(outcomes).states;
    expect(matched).toBe(expected);
    const slots = { region: "Lofoten", sauna: "True" };
    for (const held of [slots, {}, { region: "Senja" }]) {
      const run = changed(0, (outcome) => ({ ...outcome, states: { cabins_1: held } }));
      expect(score(run).states.matched).toBe(expected - 1);
    }
  });

  it("distinguishes runs by their calls, regardless of the order within a turn", () => {
    expect(sameCalls(outcomes, [...outcomes].reverse())).toBe(true);
    expect(
      sameCalls(
        outcomes,
        changed(0, (outcome) => ({ ...outcome, calls: [] })),
      ),
    ).toBe(false);
  });
});
