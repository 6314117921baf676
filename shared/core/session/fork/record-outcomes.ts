import { Effect } from "../../contract.ts";
import type { AgentName, RunId } from "../../ids.ts";
import type { JsonObject } from "../../json.ts";
import type { Commit } from "../commit.ts";
import { findAsk } from "../decide/asked.ts";
import type { FlowBook } from "../decide/draft.ts";
import { placeTaskIn } from "../decide/tasks.ts";
import type { RecordedEvent } from "../events.ts";
import { closeCommit, evolve } from "../evolve.ts";
import { viewOf } from "../places.ts";
import type { SessionState } from "../state.ts";
import type { DoubtfulEffect, RecordedOutcome } from "./recorded-outcome.ts";

/** What the origin recorded of the runs that a fork takes over. */
export interface Recorded {
  readonly outcomes: readonly RecordedOutcome[];
  readonly doubtful: readonly DoubtfulEffect[];
}

interface Attempt extends DoubtfulEffect {
  readonly agent: AgentName;
  readonly view: JsonObject;
  readonly once: boolean;
}

/** Reads on in the origin's log, event by event. */
export interface OutcomeRecorder {
  /** Goes through one more commit. */
  read(commit: Commit): void;
  /** Whether the runs have all ended: nothing more of them will come. */
  isDone(): boolean;
  found(): Recorded;
}

/**
 * Collects what agents and people answered for some runs after event `after`, and what agents had seen. Reading begins where the oldest
 * attempt was dispatched that was under way then.
 *
 * @param start the state at which reading begins
 */
export function recordOutcomes(
  start: SessionState,
  {
    after,
    runs,
    book,
  }: { readonly after: number; readonly runs: ReadonlySet<string>; readonly book: Pick<FlowBook, "byHash"> },
): OutcomeRecorder {
  const attempts = new Map<string, Attempt>();
  const claims = new Map<string, DoubtfulEffect>();
  const outcomes: RecordedOutcome[] = [];
  let state = start;
  for (const task of Object.values(start.tasks)) if (isInDoubt(start, task)) claims.set(task.id, task);

  const attemptOf = (id: Parameters<typeof placeTaskIn>[2]): Attempt => {
    const { task, place, contract } = placeTaskIn(state, book, id);
    const view = viewOf(state, place, contract);
    const { name: agent, effect } = contract;
    return { run: task.run, step: task.step, agent, view, once: effect === Effect.once };
  };

  const note = (event: RecordedEvent): void => {
    const { sequence: at } = event;
    switch (event.type) {
      case "AttemptDispatched":
        attempts.set(`${event.data.task}/${event.data.attempt}`, attemptOf(event.data.task));
        break;
      case "EffectClaimed":
        claims.set(event.data.task, stepOf(state, event.data.task));
        break;
      case "AttemptFailed":
        if (event.data.effect === "not-done") claims.delete(event.data.task);
        break;
      case "OutcomeReused":
      case "AnswerApplied": {
        const { task, result, confidence } = event.data;
        const attempt =
          "attempt" in event.data ? attempts.get(`${task}/${event.data.attempt}`) : attemptOf(task);
        const claimed = claims.delete(task);
        if (attempt === undefined || at <= after || !runs.has(attempt.run)) break;
        const { run, step, agent, view, once } = attempt;
        const usage = "usage" in event.data ? event.data.usage : undefined;
        const isEffect = once || claimed || ("effect" in event.data && event.data.effect === true);
        outcomes.push({
          kind: "agent",
          ...{ run, step, at, agent, view, result },
          ...(confidence !== undefined && { confidence }),
          ...(usage !== undefined && { usage }),
          ...(isEffect && { effect: true }),
        });
        break;
      }
      case "DoubtSettled": {
        const { task, happened, result } = event.data;
        claims.delete(task);
        if (!happened || at <= after || !runs.has(event.data.run)) break;
        const { run, step, agent, view } = attemptOf(task);
        outcomes.push({ kind: "agent", run, step, at, agent, view, result, effect: true });
        break;
      }
      case "HumanAnswered": {
        const { run, step, input } = event.data;
        const question = findAsk({ state, book: { byTrigger: () => [], ...book } }, input.ask)?.question;
        if (question === undefined || at <= after || !runs.has(run)) break;
        outcomes.push({ kind: "person", run, step, at, question, value: input.value });
        break;
      }
      default:
        break;
    }
  };

  return {
    read(commit) {
      for (const event of commit.events) {
        if (event.sequence <= state.sequence) continue;
        note(event);
        state = evolve(state, event);
      }
      state = closeCommit(state, commit);
    },
    isDone: () => [...runs].every((run) => state.runs[run as RunId] === undefined),
    found: () => ({
      outcomes,
      doubtful: [...claims.values()]
        .filter(({ run }) => runs.has(run))
        .map(({ run, step }) => ({ run, step })),
    }),
  };
}

/** An effect was claimed and nobody knows what came of it. */
const isInDoubt = (
  state: SessionState,
  task: SessionState["tasks"][keyof SessionState["tasks"]],
): boolean => {
  const run = state.runs[task.run];
  return (
    task.asking !== undefined ||
    task.phase.name === "claimed" ||
    (run !== undefined && "claimed" in run && run.claimed?.[task.id] !== undefined)
  );
};

const stepOf = (state: SessionState, id: string): DoubtfulEffect => {
  const { run, step } = Object.values(state.tasks).find((task) => task.id === id) ?? {
    run: "" as RunId,
    step: "",
  };
  return { run, step };
};

/** Where reading must begin: before the oldest attempt was dispatched that is under way at `at`. */
export function readFrom(state: SessionState): number {
  return Object.values(state.tasks).reduce(
    (oldest, { phase }) =>
      phase.name === "dispatched" || phase.name === "claimed" ? Math.min(oldest, phase.asOf) : oldest,
    state.sequence,
  );
}
