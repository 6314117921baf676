import fc from "fast-check";
import { expect, it } from "vitest";
import type { ForkInput } from "#core/session/input.ts";
import { verifyReplay } from "#core/session/replay.ts";
import { isIdle, isLive, type SessionState } from "#core/session/state.ts";
import { summarize, type Summary } from "#core/session/summary/summary.ts";
import { dataOf, World } from "#testing/given-when-then.ts";
import { seededChance, upTo } from "#simulator/random-flow.ts";
import { forkInput } from "../support/fork-input.ts";
import { runs } from "../support/runs.ts";
import { tellOf, toldBy } from "../support/told-outline.ts";
import { fireTimers, randomSession, runRandomly } from "./session-schedule.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const LIMITS = { hops: 60, idWindow: 6, queuedRuns: 5, heldInputs: 4, heldMs: 5_000 };
/** Flows that start one another, a hop for each run, need a few thousand. */
const MOST_TIMERS = 20_000;

function forked(world: World, input: ForkInput): World {
  const fork = new World(world.application, {
    limits: LIMITS,
    ids: "f",
    check: false,
    startAt: world.now + 1_000_000,
    key: { tenant: "acme", session: "fork" },
  });
  fork.send(input);
  return fork;
}

/** The state that is forked, as of when the commit was decided that holds its event. */
const decidedAt = ({ commits }: World, { origin, state }: ForkInput): SessionState => {
  const time = commits.reduce(
    (newest, { first, seen }) => (first <= origin.at ? Math.max(newest, seen.now) : newest),
    0,
  );
  return { ...state, time };
};

/** How long runs may still take, and inputs be held. */
const leftOf = ({ runs, ordinals, time }: SessionState): readonly number[] => [
  ...Object.values(runs).flatMap((run) => (isLive(run) ? [run.dueAt - time] : [])),
  ...Object.values(ordinals).flatMap(({ held }) => Object.values(held).map(({ dueAt }) => dueAt - time)),
];

it("a fork at any event keeps every invariant, goes on, ends, and is decided again from its own log", () => {
  let [reused, dispatched, carried] = [0, 0, 0];
  fc.assert(
    fc.property(seeds, (seed) => {
      const chance = seededChance(seed);
      const session = randomSession(chance);
      const world = new World(session.application, { limits: LIMITS, check: false });
      runRandomly(world, session, chance, 25);
      const { sequence } = world.state;
      if (sequence === 0) return;
      const input = forkInput(world, 1 + upTo(chance, sequence - 1));
      const fork = forked(world, input);
      if (input.state.status === "stopped") {
        expect(fork.commits).toEqual([]);
        return;
      }
      fork.check();
      fork.checkTimers();
      const [begunWith] = dataOf(fork.events(), "SessionForked");
      if (begunWith !== undefined) expect(leftOf(begunWith.state)).toEqual(leftOf(decidedAt(world, input)));
      const doubtful = new Set(input.doubtful.map(({ run, step }) => `${run} ${step}`));
      for (const { run, step, effect } of fork.orders)
        expect(effect === "once" && doubtful.has(`${run} ${step}`)).toBe(false);
      carried += dataOf(fork.events(), "RunCarried").length;
      reused += dataOf(fork.events(), "OutcomeReused").length;
      dispatched += fork.orders.length;
      const begun = fork.commits.reduce<Summary | undefined>(summarize, undefined);
      expect(begun && toldBy(begun)).toEqual(tellOf(fork.state));
      runRandomly(fork, session, chance, 10);
      fork.check();
      fireTimers(fork, MOST_TIMERS);
      expect(isIdle(fork.state)).toBe(true);
      fork.check();
      const summary = fork.commits.reduce<Summary | undefined>(summarize, undefined);
      expect(summary && toldBy(summary)).toEqual(tellOf(fork.state));
      const flows = { byHash: (hash: string) => fork.application.byHash(hash) };
      expect(verifyReplay(fork.commits, flows)).toBeUndefined();
      const replied = new Set(dataOf(fork.events(), "ReplySent").map(({ run }) => run));
      for (const [id, run] of Object.entries(input.state.runs))
        expect(replied.has(id as never) || ("replied" in run && run.replied)).toBe(true);
    }),
    { numRuns: runs(150) },
  );
  expect([reused, dispatched, carried].every((count) => count > 20)).toBe(true);
});
