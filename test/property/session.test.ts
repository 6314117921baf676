import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { visitPlan } from "#core/flow/visit-plan.ts";
import type { Commit } from "#core/session/commit.ts";
import { closeCommit, evolve, foldCommit } from "#core/session/evolve.ts";
import { foldCommits, stateWithin } from "#core/session/fold.ts";
import type { Limits } from "#core/session/limits.ts";
import { initialState, isIdle, type SessionState } from "#core/session/state.ts";
import { dataOf, World } from "#testing/given-when-then.ts";
import { randomApplication, seededChance } from "#simulator/random-flow.ts";
import { runs } from "../support/runs.ts";
import { fireTimers, randomSession, runRandomly } from "./session-schedule.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const LIMITS = { hops: 60, idWindow: 6, queuedRuns: 5, heldInputs: 4, heldMs: 5_000 };

/** Flows that start one another, a hop for each run, need a few thousand: one that never ends needs more than any number. */
const MOST_TIMERS = 20_000;

/** Decisions that stop for their size all the time: after every few events. */
const NARROW = { ...LIMITS, commitBytes: 500 };

/** A random session after some random inputs. */
function played(seed: number, inputs: number, check: boolean, limits: Partial<Limits> = LIMITS) {
  const chance = seededChance(seed);
  const session = randomSession(chance);
  const world = new World(session.application, { limits, check });
  const sent = runRandomly(world, session, chance, inputs);
  return { chance, session, world, sent };
}

/**
 * The sequences of a commit's events, all of them or, in a long one, those at both ends and some between: each takes a fold of
 * its own from the beginning of the commit.
 */
function walked({ first, last }: Commit, seed: number): number[] {
  const all = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const chance = seededChance(seed);
  const most = 24;
  if (all.length <= 3 * most) return all;
  const between = Array.from({ length: most }, () => first + Math.floor(chance.next() * all.length));
  return [...new Set([...all.slice(0, most), ...between, ...all.slice(-most)])];
}

const through = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe("a random session", () => {
  it("keeps every invariant after every input", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        played(seed, 25, true);
      }),
      { numRuns: runs(60) },
    );
  });

  it("keeps every invariant when its decisions stop at the size limit, and ends", () => {
    let stopped = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const { world } = played(seed, 12, false, NARROW);
        fireTimers(world, 5_000);
        expect(isIdle(world.state)).toBe(true);
        world.check();
        stopped += dataOf(world.events(), "DecisionStopped").length;
      }),
      { numRuns: runs(40) },
    );
    expect(stopped).toBeGreaterThan(20);
  });

  it("is the same at every event, folded from the beginning or from any snapshot", () => {
    fc.assert(
      fc.property(seeds, fc.nat(), (seed, at) => {
        const { world } = played(seed, 40, false);
        const { commits } = world;
        const key = { tenant: world.state.tenant, session: world.state.session };
        const states: SessionState[] = [];
        commits.reduce(
          (state, commit) => {
            states.push(foldCommit(state, commit));
            return foldCommit(state, commit);
          },
          initialState(key.tenant, key.session),
        );
        const snapshotAt = at % Math.max(1, commits.length);
        const tail = foldCommits(key, commits, (commit: Commit) =>
          commit === commits[snapshotAt] ? through(states[snapshotAt]) : undefined,
        );
        expect(tail).toEqual(world.state);
        const commit = commits[snapshotAt];
        const before = snapshotAt === 0 ? initialState(key.tenant, key.session) : states[snapshotAt - 1];
        if (commit === undefined || before === undefined) return;
        const read = { before: through(before), commit: through(commit) };
        for (const n of walked(commit, at)) {
          const upTo = stateWithin(read.before, read.commit, n);
          expect(upTo.sequence).toBe(n);
          const direct = commit.events.slice(0, n - commit.first + 1).reduce(evolve, before);
          const time = Math.max(before.time, commit.seen.now);
          expect(upTo).toEqual(n < commit.last ? { ...direct, time } : closeCommit(direct, commit));
        }
        expect(read).toEqual({ before, commit });
      }),
      // Agents that never answer: one commit of 6,382 events.
      { numRuns: runs(60), examples: [[65_205_047, 8]] },
    );
  });

  it("accepts no input twice: repeated answers, claims and events change nothing, and timers only what is due", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { world, sent } = played(seed, 30, false);

        world.send(...sent.filter(({ kind }) => kind === "claim"));
        for (const input of sent) {
          // A timer that fires before its time is armed anew, each time.
          if (input.kind === "claim" || (input.kind === "deadline" && input.at > world.now)) continue;
          world.send(input);
          expect(world.send(input).types, `${input.kind} again`).toEqual([]);
        }
        world.check();
      }),
      { numRuns: runs(60) },
    );
  });

  it("ends after finitely many timers when agents never answer again", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { world } = played(seed, 20, false);
        fireTimers(world, MOST_TIMERS);
        expect(isIdle(world.state)).toBe(true);
        expect(world.state.tasks).toEqual({});
        world.check();
      }),
      { numRuns: runs(80) },
    );
  });

  it("ends every run within its flow's life when timers are in time, even if no answer arrives", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const chance = seededChance(seed);
        const { application, eventTypes } = randomSession(chance);
        const world = new World(application, { limits: LIMITS, check: false });
        for (const type of eventTypes) world.event(type, { n: 1, list: [1, 2], ok: true });
        fireTimers(world, MOST_TIMERS);
        const started = new Map<string, number>();
        for (const { events, seen } of world.commits) {
          for (const event of events) {
            if (event.type === "RunStarted" || event.type === "CompensationStarted")
              started.set(event.data.run, event.data.dueAt);
            if (event.type === "RunCompleted" || event.type === "RunFailed")
              expect(seen.now).toBeLessThanOrEqual(started.get(event.data.run) ?? 0);
          }
        }
        expect(started.size).toBeGreaterThan(0);
      }),
      // Three flows that start one another again and again: 297 runs and 3,509 timers until no hops are left.
      { numRuns: runs(80), examples: [[4_275_925_723]] },
    );
  });

  it("replies to every run that started, ends every run that it queued, and starts no step twice", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { world } = played(seed, 20, false);
        fireTimers(world, MOST_TIMERS);
        const events = world.events();
        const ended = [
          ...dataOf(events, "RunCompleted"),
          ...dataOf(events, "RunFailed"),
          ...dataOf(events, "RunCancelled"),
        ].map(({ run }) => run);
        expect(ended.toSorted()).toEqual(
          dataOf(events, "RunQueued")
            .map(({ run }) => run)
            .toSorted(),
        );
        const begun = [
          ...dataOf(events, "TaskCreated"),
          ...dataOf(events, "WaitStarted"),
          ...dataOf(events, "EventEmitted"),
          ...dataOf(events, "MapStarted"),
        ];
        const steps = begun.map(({ run, step }) => `${run} ${step}`);
        expect(steps.toSorted()).toEqual([...new Set(steps)].toSorted());
        const replied = new Set(dataOf(events, "ReplySent").map(({ run }) => run));
        for (const { run } of dataOf(events, "RunStarted")) expect(replied.has(run)).toBe(true);
      }),
      { numRuns: runs(40) },
    );
  });
});

describe("random applications", () => {
  it("contain every kind of step, join, fallback, contract and trigger in at least a few of a hundred", () => {
    const chance = seededChance(7);
    const counts = new Map<string, number>();
    for (let i = 0; i < 300; i++) {
      const { flows, agents } = randomApplication(chance);
      const seen = new Set<string>(flows.map(({ onBusy }) => `busy ${onBusy}`));
      for (const { spec } of agents)
        seen
          .add(`effect ${spec.effect}`)
          .add(`stale ${spec.onStale}`)
          .add(`doubt ${typeof spec.onDoubt === "string" ? spec.onDoubt : "person"}`)
          .add(`retries ${spec.retries.max}`);
      for (const { plan } of flows)
        visitPlan(plan, ({ node }) => {
          seen.add(node.kind);
          if (node.kind === "parallel")
            seen.add(`join ${node.join.type}`).add(`losers ${node.losers}`).add(`fork ${node.onTimeout}`);
          if (node.kind === "task" && node.compensate !== undefined) seen.add("compensate");
          if (node.kind === "task") for (const { type } of node.fallback) seen.add(`fallback ${type}`);
        });
      for (const what of seen) counts.set(what, (counts.get(what) ?? 0) + 1);
    }
    const wanted = [
      "task",
      "sequence",
      "parallel",
      "choice",
      "map",
      "wait",
      "human",
      "flow",
      "transform",
      "emit",
      "reply",
    ];
    wanted.push(
      ...["all", "any", "quorum", "best"].map((join) => `join ${join}`),
      "losers cancel",
      "losers finish",
      "fork fail",
      "fork partial",
    );
    wanted.push(...["agent", "value", "last-known", "human", "skip"].map((type) => `fallback ${type}`));
    wanted.push(...["queue", "parallel", "restart", "pre-empt", "reject"].map((busy) => `busy ${busy}`));
    wanted.push(
      "effect once",
      "stale rerun",
      "stale drop",
      "stale accept",
      "doubt fail",
      "doubt repeat",
      "doubt ask",
      "doubt person",
      "compensate",
      "retries 0",
      "retries 2",
    );
    expect(wanted.filter((what) => (counts.get(what) ?? 0) < 9)).toEqual([]);
  });
});
