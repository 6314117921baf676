import fc from "fast-check";
import { expect, it } from "vitest";
import type { Commit } from "#core/session/commit.ts";
import { foldCommit } from "#core/session/evolve.ts";
import { initialState, isIdle, type SessionState } from "#core/session/state.ts";
import { LONG_PAUSE_MS } from "#core/session/summary/outline-reducers.ts";
import { summarize, summaryOf, type SessionRow, type Summary } from "#core/session/summary/summary.ts";
import { World } from "#testing/given-when-then.ts";
import { oneIn, seededChance, type Chance } from "#simulator/random-flow.ts";
import { runs } from "../support/runs.ts";
import { tellOf, toldBy } from "../support/told-outline.ts";
import { randomSession, runRandomly } from "./session-schedule.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

function played(seed: number): { readonly world: World; readonly chance: Chance } {
  const chance = seededChance(seed);
  const session = randomSession(chance);
  const world = new World(session.application, { check: false });
  runRandomly(world, session, chance, 40);
  return { world, chance };
}

const whole = (commits: readonly Commit[]): Summary | undefined =>
  commits.reduce<Summary | undefined>(summarize, undefined);

/** Stores the row now and then, as a relay does, and goes on from what was stored with the commits after it. */
function inBatches(commits: readonly Commit[], chance: Chance): SessionRow | undefined {
  let stored: string | undefined;
  let summary: Summary | undefined;
  for (const commit of commits) {
    if (stored !== undefined && oneIn(chance, 3)) {
      // Another process: it has what was stored, reads what came after it, and gets some commits once more.
      const { row, base } = JSON.parse(stored) as Pick<Summary, "row" | "base">;
      summary = summaryOf(row, base);
      const known = commits.filter(({ first }) => first < commit.first);
      const again = known.filter(({ last }) => last > row.sequence || oneIn(chance, 4));
      summary = again.reduce<Summary>(summarize, summary);
    }
    summary = summarize(summary, commit);
    if (oneIn(chance, 2) || stored === undefined)
      stored = JSON.stringify({ row: summary.row, base: summary.base });
  }
  return summary?.row;
}

it("a row folded in any batches, from any stored row, equals the one that the whole log tells", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { world, chance } = played(seed);
      expect(inBatches(world.commits, chance)).toEqual(whole(world.commits)?.row);
    }),
    { numRuns: runs(30) },
  );
});

it("what is folded from the events alone says after every commit what the state says", () => {
  const met = new Set<string>();
  fc.assert(
    fc.property(seeds, (seed) => {
      const { world } = played(seed);
      let state: SessionState = initialState(world.state.tenant, world.state.session);
      let summary: Summary | undefined;
      for (const commit of world.commits) {
        state = foldCommit(state, commit);
        summary = summarize(summary, commit);
        expect(toldBy(summary)).toEqual(tellOf(state));
        expect(["idle", "ended", "stopped"].includes(summary.row.state)).toBe(
          state.status === "stopped" || isIdle(state),
        );
        met.add(summary.row.state);
        for (const { phase } of Object.values(state.tasks))
          if (phase.name === "backoff") met.add(phase.dueAt - state.time < LONG_PAUSE_MS ? "short" : "long");
      }
    }),
    { numRuns: runs(30) },
  );
  expect([...met]).toEqual(expect.arrayContaining(["running", "waiting", "asking", "idle", "stopped"]));
});
