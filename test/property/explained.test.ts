import fc from "fast-check";
import { expect, it } from "vitest";
import { compareViews } from "#core/session/compare-views.ts";
import { evolve, foldCommit } from "#core/session/evolve.ts";
import { explainDecision } from "#core/session/explain-decision.ts";
import { decideAgain } from "#core/session/redecide.ts";
import { withFlows } from "#core/session/stored-flows.ts";
import { initialState, type SessionState } from "#core/session/state.ts";
import { World } from "#testing/given-when-then.ts";
import { seededChance } from "#simulator/random-flow.ts";
import { runs } from "../support/runs.ts";
import { randomSession, runRandomly } from "./session-schedule.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

function played(seed: number): World {
  const chance = seededChance(seed);
  const session = randomSession(chance);
  const world = new World(session.application, { check: false });
  runRandomly(world, session, chance, 25);
  return world;
}

/** Each commit with the state before it. */
function walk({ commits, state: { tenant, session } }: World) {
  let before: SessionState = initialState(tenant, session);
  return commits.map((commit) => {
    const at = before;
    before = foldCommit(before, commit);
    return { before: at, commit };
  });
}

it("asking a choice again on the log's values gives the branch that was taken, and each event is explained once", () => {
  let asked = 0;
  fc.assert(
    fc.property(seeds, (seed) => {
      const world = played(seed);
      for (const { before, commit } of walk(world)) {
        const decisions = commit.inputs.map(({ first }) =>
          explainDecision(before, commit, first, world.application),
        );
        expect(decisions.flatMap((one) => one?.events ?? [])).toEqual(commit.events);
        for (const { kind, alternatives } of decisions.flatMap((one) => one?.choices ?? [])) {
          if (kind !== "branch") continue;
          const taken = alternatives.findIndex(({ outcome }) => outcome === "taken");
          expect(taken).toBeGreaterThanOrEqual(0);
          const earlier = alternatives.slice(0, taken).map(({ outcome }) => outcome);
          expect(earlier.filter((outcome) => outcome !== "did-not-hold" && outcome !== "failed")).toEqual([]);
          asked += 1;
        }
      }
    }),
    { numRuns: runs(120) },
  );
  expect(asked).toBeGreaterThan(10);
});

it("the view that the log gives of an attempt is the one that its agent was sent", () => {
  let compared = 0;
  fc.assert(
    fc.property(seeds, (seed) => {
      const world = played(seed);
      const sent = new Map(world.orders.map((order) => [`${order.task}/${order.attempt}`, order]));
      const states: SessionState[] = [];
      for (const { before, commit } of walk(world)) {
        let state = before;
        for (const event of commit.events) {
          states[state.sequence] = state;
          if (event.type === "AttemptDispatched") {
            const { task, attempt, asOf } = event.data;
            const then = states[asOf];
            const order = sent.get(`${task}/${attempt}`);
            if (then === undefined) throw new Error(`There is no state at ${asOf}.`);
            const { view, changed } = compareViews(then, event.data, state, world.application);
            expect(changed).toEqual([]);
            // What the same commit dispatched and fenced is sent to nobody.
            if (order !== undefined) expect(view).toEqual(order.view);
            compareViews(then, event.data, world.state, world.application);
            compared += 1;
          }
          state = evolve(state, event);
        }
      }
    }),
    { numRuns: runs(60) },
  );
  expect(compared).toBeGreaterThan(100);
});

it("decided again, by the flows that it recorded or by the same ones today, a session has no difference", () => {
  let commits = 0;
  fc.assert(
    fc.property(seeds, (seed) => {
      const world = played(seed);
      const whole = world.commits.map((commit) => withFlows(commit, world.application.flows));
      expect(decideAgain(whole)).toEqual([]);
      expect(decideAgain(whole, world.application)).toEqual([]);
      commits += world.commits.length;
    }),
    { numRuns: runs(60) },
  );
  expect(commits).toBeGreaterThan(500);
});
