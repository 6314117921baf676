import { SpineError } from "../../errors.ts";
import type { RunId, TaskId } from "../../ids.ts";
import { chanceOf } from "../decide/chance.ts";
import type { RecordedEvent, SessionEvents, SessionEventType } from "../events.ts";
import { isWithin, omit } from "../evolve/patch.ts";
import { forkedOutline } from "./forked-outline.ts";
import {
  spent,
  withAgent,
  withFlow,
  withProblem,
  type OpenTask,
  type Outline,
  type ProblemKind,
  type SessionProblem,
} from "./outline.ts";

/** The event that is folded, and when it was committed. */
interface Told {
  readonly sequence: number;
  /** The writer's clock, ms. */
  readonly now: number;
}

type OutlineReducers = {
  readonly [Type in SessionEventType]: (outline: Outline, data: SessionEvents[Type], told: Told) => Outline;
};

/** A shorter pause before an attempt is part of the work: nobody is to be told of it. */
export const LONG_PAUSE_MS = 60_000;

const sourceNumber = (source: string): number => Math.floor(chanceOf(source) * 2 ** 32);

function patched(outline: Outline, id: TaskId, change: (task: OpenTask) => OpenTask): Outline {
  const task = outline.tasks[id];
  return task === undefined ? outline : { ...outline, tasks: { ...outline.tasks, [id]: change(task) } };
}

/** It is worked on: nobody is asked, nothing is claimed, no pause is waited for. */
const working = ({ run, step, agent }: OpenTask): OpenTask => ({ run, step, agent });
const claimed = (task: OpenTask): OpenTask => ({ ...working(task), claimed: true });
const ready = (outline: Outline, id: TaskId): Outline => patched(outline, id, working);
const ended = (outline: Outline, id: TaskId): Outline => ({ ...outline, tasks: omit(outline.tasks, id) });

/** Drops the tasks and waits that a test is true for. */
function without(
  outline: Outline,
  isTask: (task: OpenTask, id: string) => boolean,
  isWait: (at: { readonly run: RunId; readonly step: string }) => boolean,
): Outline {
  const tasks = Object.entries(outline.tasks).filter(([id, task]) => !isTask(task, id));
  return {
    ...outline,
    tasks: Object.fromEntries(tasks),
    waits: outline.waits.filter((wait) => !isWait(wait)),
  };
}

const endRun = (outline: Outline, id: RunId): Outline => {
  const isOf = ({ run }: { readonly run: RunId }) => run === id;
  return without({ ...outline, runs: omit(outline.runs, id) }, isOf, isOf);
};

const endWait = (outline: Outline, { run, step }: { readonly run: RunId; readonly step: string }): Outline =>
  without(
    outline,
    () => false,
    (wait) => wait.run === run && wait.step === step,
  );

const release = (outline: Outline, source: string, isPassed: (ordinal: number) => boolean): Outline => {
  const number = sourceNumber(source);
  const held = outline.held.filter((hold) => hold.source !== number || !isPassed(hold.ordinal));
  return held.length === outline.held.length ? outline : { ...outline, held };
};

const problemOf = (
  outline: Outline,
  kind: ProblemKind,
  { now, sequence }: Told,
  task?: TaskId,
): SessionProblem => {
  const step = task === undefined ? undefined : outline.tasks[task]?.step;
  return { kind, ...(step !== undefined && { step }), at: now, sequence };
};

/** It is known now whether the effect of a task happened. */
const resolved = (outline: Outline, task: TaskId): Outline =>
  task in outline.doubts ? { ...outline, doubts: omit(outline.doubts, task) } : outline;

/** It changes nothing that a summary tells. */
const same = (outline: Outline): Outline => outline;

const reducers: OutlineReducers = {
  InputAccepted: (outline, { input: { source, ordinal } }) =>
    ordinal === undefined ? outline : release(outline, source, (held) => held === ordinal),
  InputHeld: (outline, { input: { source, ordinal = 0 }, dueAt }) => {
    const others = release(outline, source, (held) => held === ordinal).held;
    return { ...outline, held: [...others, { source: sourceNumber(source), ordinal, until: dueAt }] };
  },
  InputReleased: (outline, { source, ordinal }) => release(outline, source, (held) => held === ordinal),
  OrdinalGapRecorded: (outline, { source, to }) => release(outline, source, (held) => held <= to),
  InputQuarantined: (outline, _, told) => withProblem(outline, problemOf(outline, "quarantined", told)),
  DeadLetterRecorded: (outline, _, told) => withProblem(outline, problemOf(outline, "dead-letter", told)),

  RunQueued: (outline, { run, name, flow }) => {
    const { problem: _, ...rest } = outline;
    const isAlone = Object.keys(outline.runs).length === 0;
    const begun: Outline = isAlone ? { ...rest, doubts: {} } : outline;
    return withFlow({ ...begun, runs: { ...begun.runs, [run]: name } }, { name, flow });
  },
  RunCompleted: (outline, { run }) => endRun(outline, run),
  RunFailed: (outline, { run }, told) =>
    withProblem(endRun(outline, run), problemOf(outline, "failed", told)),
  RunCancelled: (outline, { run }) => endRun(outline, run),
  CompensationStarted: (outline, { run, awaits }) =>
    without(
      outline,
      (task, id) => task.run === run && !awaits.some((awaited) => awaited === id),
      (wait) => wait.run === run,
    ),
  SessionStopped: (outline) => ({ ...outline, stopped: true, held: [] }),
  SessionDeadlineSet: (outline, { at }) => ({ ...outline, deadline: at }),

  WaitStarted: (outline, { run, step, event, dueAt }) => ({
    ...outline,
    waits: [...endWait(outline, { run, step }).waits, { run, step, event, until: dueAt }],
  }),
  HumanAsked: (outline, { run, step, ask, dueAt, task }) =>
    task === undefined
      ? {
          ...outline,
          waits: [...endWait(outline, { run, step }).waits, { run, step, ask, until: dueAt }],
        }
      : patched(outline, task, (asked) => ({ ...working(asked), ask, until: dueAt })),
  HumanAnswered: (outline, { run, step, task }) =>
    task === undefined ? endWait(outline, { run, step }) : ended(outline, task),
  HumanExpired: (outline, { task, slot }) =>
    task === undefined || slot !== undefined ? outline : ready(outline, task),
  DoubtSettled: (outline, { task, happened }) =>
    resolved(happened ? ended(outline, task) : ready(outline, task), task),
  WaitSatisfied: endWait,
  StepCompleted: endWait,
  StepFailed: endWait,
  StepCancelled: (outline, { run, step }) => {
    const isInside = (at: { readonly run: RunId; readonly step: string }) =>
      at.run === run && isWithin(at.step, step);
    return without(outline, (task) => isInside(task) && task.claimed !== true, isInside);
  },

  TaskCreated: (outline, { task, run, step, agent }) => ({
    ...outline,
    tasks: { ...outline.tasks, [task]: { run, step, agent } },
  }),
  AttemptDispatched: (outline, { task, agent }) => withAgent(ready(outline, task), agent),
  EffectClaimed: (outline, { task }) => patched(outline, task, claimed),
  ClaimRefused: (outline, { task }) => ready(outline, task),
  RetryScheduled: (outline, { task, dueAt }, { now }) =>
    patched(outline, task, (paused) =>
      dueAt - now < LONG_PAUSE_MS ? working(paused) : { ...working(paused), until: dueAt },
    ),
  AnswerApplied: (outline, { task, usage }) => resolved(spent(ended(outline, task), usage), task),
  AnswerStale: (outline, { task, usage }) => spent(ready(outline, task), usage),
  AnswerUnusable: (outline, { task, usage }) => resolved(spent(ready(outline, task), usage), task),
  AnswerLate: (outline, { task, outcome, claimed: wasClaimed }) => {
    const known = wasClaimed && outcome.status === "ok" ? resolved(outline, task) : outline;
    return spent(known, outcome.usage);
  },
  AttemptFailed: (outline, { task, usage, held, effect }) => {
    const isHeld = held === true && outline.tasks[task]?.claimed === true;
    const known = effect === "not-done" ? resolved(outline, task) : outline;
    return spent(isHeld ? known : ready(known, task), usage);
  },
  AttemptTimedOut: (outline, { task }, told) =>
    withProblem(ready(outline, task), problemOf(outline, "late", told, task)),
  AttemptFenced: (outline, { task }) => ready(outline, task),
  EffectInDoubt: (outline, { task }, told) => ({
    ...ready(outline, task),
    doubts: { ...outline.doubts, [task]: problemOf(outline, "in-doubt", told, task) },
  }),
  FallbackTaken: (outline, { task, agent }, told) =>
    withProblem(
      patched(outline, task, (left) => ({ ...working(left), agent: agent ?? left.agent })),
      problemOf(outline, "fallback", told, task),
    ),
  ValueFilled: (outline, { task }) => ended(outline, task),
  TaskSkipped: (outline, { task }) => ended(outline, task),
  TaskFailed: (outline, { task }) => ended(outline, task),

  SessionForked: forkedOutline,
  OutcomeReused: (outline, { task }) => resolved(ended(outline, task), task),

  RunCarried: same,
  EventCarried: same,
  CommandGiven: same,
  TaskSignalled: same,
  SignalIgnored: same,
  DeadlinePassed: same,
  EventKept: same,
  KeptEventPassed: same,
  KeptEventTaken: same,
  KeptEventDropped: same,
  FlowStored: same,
  RunStarted: same,
  RunSuspended: same,
  RunResumed: same,
  KeptSectionChanged: same,
  RunRejected: same,
  ReplySent: same,
  BudgetExhausted: same,
  StepStarted: same,
  ChoiceMade: same,
  MapStarted: same,
  WaitExpired: same,
  ContextTransformed: same,
  EventEmitted: same,
  JoinDecided: same,
  HeartbeatSeen: same,
  AgentUnavailable: same,
  DeadlineArmed: same,
  DecisionStopped: same,
  DecisionResumed: same,
};

/**
 * The outline after one more event, which was committed at `now` (ms). Throws `log.other-version`, retryable, for a type of event that
 * only a newer version knows.
 */
export function outlineAfter(outline: Outline, event: RecordedEvent, now: number): Outline {
  const { type, data, sequence } = event;
  // One reducer a type: the table's type ties each to its data, which an index by a union cannot express.
  const reduce = reducers[type] as ((outline: Outline, data: unknown, told: Told) => Outline) | undefined;
  if (reduce === undefined)
    throw new SpineError("log.other-version", `Event type ${String(type)} is unknown to this version.`, {
      retryable: true,
    });
  return { ...reduce(outline, data, { sequence, now }), sequence };
}
