import fc from "fast-check";
import { expect, it } from "vitest";
import * as z from "zod";
import { contractOf, type Contract } from "#core/contract.ts";
import { defineApplication } from "#core/flow/compile.ts";
import type { FlowDefinition } from "#core/flow/plan.ts";
import { decide } from "#core/session/decide.ts";
import { eventsByInput } from "#core/session/envelope.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import { closeCommit, evolve } from "#core/session/evolve.ts";
import type { SignalInput } from "#core/session/input.ts";
import { inputOf, verifyReplay } from "#core/session/replay.ts";
import { initialState, isIdle, type SessionState } from "#core/session/state.ts";
import { World, sha256Digest } from "#testing/given-when-then.ts";
import { oneIn, pick, randomApplication, seededChance, upTo, type Chance } from "#simulator/random-flow.ts";
import { runs } from "../support/runs.ts";
import { fireTimers, runRandomly, type RandomSession } from "./session-schedule.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const LIMITS = { hops: 60, idWindow: 6, queuedRuns: 5, heldInputs: 4, heldMs: 5_000 };
const SIGNALS = { more: z.unknown(), enough: z.null() };

/** A random application whose agents take signals. */
function listening(chance: Chance): RandomSession {
  const { agents, flows, eventTypes } = randomApplication(chance);
  const told = ({ spec, ...contract }: Contract): Contract =>
    contractOf({ ...contract, spec: { ...spec, signals: Object.keys(SIGNALS).sort() }, signals: SIGNALS });
  // As data, so that their steps only name the agents.
  const named = JSON.parse(JSON.stringify(flows)) as readonly FlowDefinition[];
  const application = defineApplication({ agents: agents.map(told), flows: named }, sha256Digest);
  return { application, eventTypes };
}

/** To whom there may be something to tell, or nobody. */
function randomSignal(world: World, chance: Chance, sent: readonly SignalInput[]): SignalInput {
  if (sent.length > 0 && oneIn(chance, 5)) return pick(chance, sent);
  const tasks = Object.values(world.state.tasks).flatMap(({ id, step, agent }) => [id, step, agent]);
  const to = pick(chance, [...tasks, ...tasks, "plan", "nobody"]);
  return world.signalInput(to, pick(chance, ["more", "enough", "unsaid"]), upTo(chance, 9));
}

const withoutSignals = (state: SessionState): SessionState => ({
  ...state,
  tasks: Object.fromEntries(
    Object.entries(state.tasks).map(([id, { signals: _, ...task }]) => [id, task]),
  ) as SessionState["tasks"],
});

/** The same log, in which nobody was reached by anything. */
const unheard = (event: RecordedEvent): RecordedEvent =>
  event.type === "TaskSignalled"
    ? { ...event, type: "SignalIgnored", data: { input: event.data.input, reason: "" } }
    : event;

it("a session that is signalled decides as one that is not, and folds to the same but for the signals", () => {
  let [signalled, ignored, kept] = [0, 0, 0];
  fc.assert(
    fc.property(seeds, (seed) => {
      const chance = seededChance(seed);
      const session = listening(chance);
      const world = new World(session.application, { limits: LIMITS, check: false });
      const sent: SignalInput[] = [];
      for (let turn = 0; turn < 20; turn++) {
        runRandomly(world, session, chance, 1);
        const signal = randomSignal(world, chance, sent);
        sent.push(signal);
        world.send(signal);
      }
      fireTimers(world, 20_000);
      world.check();
      expect(isIdle(world.state)).toBe(true);
      const { application, commits } = world;
      expect(verifyReplay(commits, application)).toBeUndefined();

      let state = initialState(world.state.tenant, world.state.session);
      let twin = state;
      const told = new Map<string, number>();
      for (const commit of commits) {
        for (const { input: cause, events } of eventsByInput(commit)) {
          const [first] = events;
          const input = first && inputOf(first, cause);
          if (input !== undefined && input.kind !== "signal") {
            const { events: again } = decide(withoutSignals(state), input, commit.seen, application);
            expect(again.map(({ type }) => type)).toEqual(events.map(({ type }) => type));
          }
          for (const event of events) {
            state = evolve(state, event);
            twin = evolve(twin, unheard(event));
            if (event.type === "SignalIgnored") ignored += 1;
            if (event.type !== "TaskSignalled") continue;
            signalled += 1;
            for (const task of event.data.tasks) {
              const number = (told.get(task) ?? 0) + 1;
              told.set(task, number);
              const { name, data } = event.data.input;
              expect(state.tasks[task]?.signals?.at(-1)).toEqual({ number, name, data });
            }
          }
        }
        [state, twin] = [closeCommit(state, commit), closeCommit(twin, commit)];
        kept += Object.values(state.tasks).filter(({ signals = [] }) => signals.length > 1).length;
        expect(withoutSignals(state)).toEqual(twin);
      }
    }),
    { numRuns: runs(60) },
  );
  expect([signalled, ignored, kept].every((count) => count > 50)).toBe(true);
});
