import type { PathVersions } from "../context/versions.ts";
import type { OnBusy } from "../flow/plan.ts";
import type { AgentName, RunId, SessionId, TaskId, TenantId } from "../ids.ts";
import type { Json, JsonObject } from "../json.ts";
import type { ForkState } from "./fork/recorded-outcome.ts";
import type { EventInput, Failure, Lane } from "./input.ts";
import type { Sheet } from "./sheet.ts";
import type { TaskSignal } from "./signal/task-signal.ts";

/** An id that was committed, still in the window. */
export interface IdEntry {
  readonly source: string;
  readonly id: string;
  readonly hash: string;
  readonly sequence: number;
}

/** A producer that numbers its inputs. */
export interface OrdinalState {
  /** The ordinal that runs next. */
  readonly next: number;
  /** Inputs committed but waiting for a predecessor, by ordinal. */
  readonly held: Readonly<Record<string, HeldInput>>;
}

export interface HeldInput {
  readonly input: EventInput;
  readonly sequence: number;
  /** When it runs even without its predecessor, ms. */
  readonly dueAt: number;
}

/** An event that no wait took yet, and that runs may still wait for. */
export interface KeptEvent {
  /** Where it stands in the log. */
  readonly sequence: number;
  readonly type: string;
  readonly data: Json;
  /** Runs that were there before it and may still wait for it, the earliest first. */
  readonly runs: readonly RunId[];
  /** A wait took it; it is left to runs that were under way beside that one. */
  readonly taken?: true;
  /** It was taken by a wait that takes an event for itself among those that do. */
  readonly first?: true;
}

/** What starts runs: a producer's event or an emitted one. It lives from its event to the end of the commit. */
export interface Trigger {
  readonly sequence: number;
  readonly type: string;
  readonly data: Json;
  readonly lane: Lane;
  readonly hops: number;
  readonly correlation: string;
  readonly traceparent?: string;
  readonly live?: true;
  readonly session?: JsonObject;
  readonly constraints?: JsonObject;
}

export type StepStatus = "done" | "failed" | "cancelled";

interface Open {
  readonly status: "open";
  /** When the step is late, ms. */
  readonly dueAt?: number;
}
export interface EndedStep {
  readonly status: StepStatus;
  readonly error?: Failure;
  /** Branches of a decided join that may still finish. */
  readonly lingering?: readonly string[];
  /** The list of a map in which such branches are left. */
  readonly items?: readonly Json[];
  readonly keys?: readonly string[];
  /** It is done, and nobody answered: it was skipped, or waited in vain. */
  readonly empty?: true;
}

/** One instance of a step in a run, by its place in the plan. Only steps with something to remember have one. */
export type StepState =
  | EndedStep
  | (Open & { readonly kind: "sequence" | "parallel" | "flow" })
  | (Open & { readonly kind: "task"; readonly task: TaskId })
  | (Open & { readonly kind: "choice"; readonly branch: string })
  | (Open & { readonly kind: "map"; readonly items: readonly Json[]; readonly keys?: readonly string[] })
  | (Open & { readonly kind: "wait"; readonly event: string })
  | (Open & { readonly kind: "human"; readonly ask: string });

interface RunBase {
  readonly id: RunId;
  /** Hash of its flow. */
  readonly flow: string;
  readonly name: string;
  readonly onBusy: OnBusy;
  readonly lane: Lane;
  /** Sequence of the event that triggered it: what its reply answers. */
  readonly trigger: number;
  readonly input: Json;
  readonly hops: number;
  readonly correlation: string;
  readonly traceparent?: string;
  /** What its agents say while they work is shown. */
  readonly live?: true;
}

/** A run that waits for its turn. */
export interface QueuedRun extends RunBase {
  readonly status: "queued";
  readonly session?: JsonObject;
  readonly constraints?: JsonObject;
}

/** What a task did that its step says how to undo; kept as long as its run may still fail. */
export interface AppliedEffect {
  readonly task: TaskId;
  readonly step: string;
  /** Who did it. */
  readonly agent: AgentName;
  readonly result: Json;
  /** Nobody knows whether it happened. */
  readonly inDoubt?: true;
}

/** How a run ends that undoes what it did before. */
export type RunEnding =
  | { readonly how: "failed"; readonly error: Failure }
  | { readonly how: "cancelled"; readonly reason: string };

/** A run under way, suspended by an urgent one, or undoing what it did before it ends. */
export interface LiveRun extends RunBase {
  readonly status: "running" | "suspended" | "compensating";
  /** The run that suspended it. */
  readonly suspendedBy?: RunId;
  readonly dueAt: number;
  /** What of the context is its own until it completes. Runs that began under form 1 have none. */
  readonly sheet?: Sheet;
  /** By the slot of a kept section: the step that wrote it last, and how often it ran again since. */
  readonly memories?: Readonly<Record<string, { readonly step: string; readonly reruns: number }>>;
  /** Slots of effects that were claimed, and not undone: they stand whatever becomes of the run. */
  readonly claimed?: Readonly<Record<TaskId, string>>;
  readonly steps: Readonly<Record<string, StepState>>;
  /** Those of its hops that its maps took: what their lists bound. */
  readonly itemHops?: number;
  /** The slot written last: the reply, if the plan names none. */
  readonly lastSlot?: string;
  readonly replied: boolean;
  readonly tokens: number;
  readonly money: number;
  /** In the order in which they were applied. */
  readonly effects?: readonly AppliedEffect[];
  /** Only while compensating. */
  readonly ending?: RunEnding;
  /** Tasks whose compensation failed. */
  readonly uncompensated?: readonly TaskId[];
}

export type RunState = QueuedRun | LiveRun;

/** What a task does now. */
export type TaskPhase =
  /** Is to be dispatched at the next walk through its run. */
  | { readonly name: "ready" }
  | {
      readonly name: "dispatched";
      readonly asOf: number;
      readonly dueAt: number;
      /** An answer came, and too late; the attempt's time is about to be decided. */
      readonly answered?: true;
      /** When it is looked at whether the agent still gives signs of life. */
      readonly checkAt?: number;
      /** The attempt (`task/attempt`) whose host was handed this one. */
      readonly handedBy?: string;
    }
  /** An execution claimed the effect. */
  | {
      readonly name: "claimed";
      readonly asOf: number;
      readonly execution: string;
      readonly settleAt: number;
      readonly failed?: true;
    }
  | { readonly name: "backoff"; readonly dueAt: number }
  /** A person is to give the value. */
  | { readonly name: "asked"; readonly ask: string; readonly dueAt: number };

/** One piece of work for one slot. It leaves the state with its outcome. */
export interface TaskState {
  readonly id: TaskId;
  readonly run: RunId;
  readonly step: string;
  /** Who works on it now: the step's agent, or one of its fallbacks. */
  readonly agent: AgentName;
  /** Physical path of the slot. */
  readonly slot: string;
  /** Attempts so far, over the whole fallback chain. */
  readonly attempt: number;
  /** Failed attempts of the present agent. */
  readonly failures: number;
  readonly reruns: number;
  /** Index in the fallback chain; -1 is the step's own agent. */
  readonly link: number;
  /** Its effect is in doubt and asked about: so many attempts at asking failed. */
  readonly asking?: number;
  /** The task whose effect it undoes. */
  readonly undoes?: TaskId;
  /** What its agents were told while they worked, in order. @default nothing */
  readonly signals?: readonly TaskSignal[];
  readonly phase: TaskPhase;
}

/** An attempt whose answer may no longer be applied; kept to record the answer once. */
export interface FencedAttempt {
  readonly task: TaskId;
  readonly attempt: number;
  readonly claimed: boolean;
}

/** What is known of a slot's value besides the value. */
export interface Finding {
  readonly confidence?: number;
  /** Who filled it: an agent, or the kind of fallback. */
  readonly by: string;
}

/** Everything that deciding knows of a session: the fold of its commits. */
export interface SessionState {
  readonly tenant: TenantId;
  readonly session: SessionId;
  readonly status: "new" | "open" | "stopped";
  readonly sequence: number;
  /** Session time of the last commit, ms; it never goes back. */
  readonly time: number;
  readonly context: JsonObject;
  readonly versions: PathVersions;
  readonly findings: Readonly<Record<string, Finding>>;
  /** Flows stored in this log: hash to the sequence of the event that holds the flow. */
  readonly flows: Readonly<Record<string, number>>;
  /** In order of arrival. */
  readonly runs: Readonly<Record<RunId, RunState>>;
  readonly tasks: Readonly<Record<TaskId, TaskState>>;
  readonly fenced: readonly FencedAttempt[];
  readonly ids: readonly IdEntry[];
  /** Whether an id ever left the window: only then is there a marker to look for. */
  readonly evicted: boolean;
  readonly ordinals: Readonly<Record<string, OrdinalState>>;
  /** In the order in which they came. @default none */
  readonly kept?: readonly KeptEvent[];
  /** Times ahead for which a timer is armed, ascending. */
  readonly armed: readonly number[];
  /** The newest form that its commits need. @default 1 */
  readonly form?: number;
  /** The last decision stopped for its size; the rest goes on at once. */
  readonly unfinished?: true;
  /** When the session's work must be over, ms. */
  readonly deadline?: number;
  /** Paths whose values are personal, as the last commit said; what was ever one stays one. @default none is */
  readonly personal?: readonly string[];
  /** Of a session that was forked from another one: what it may still take from there. */
  readonly fork?: ForkState;
  /** Sessions that were forked from this one. @default none */
  readonly forks?: readonly SessionId[];
  /** The last trigger, within one commit only. */
  readonly trigger?: Trigger;
}

export function initialState(tenant: TenantId, session: SessionId): SessionState {
  return {
    tenant,
    session,
    status: "new",
    sequence: 0,
    time: 0,
    context: { input: null, session: {}, constraints: {} },
    versions: {},
    findings: {},
    flows: {},
    runs: {},
    tasks: {},
    fenced: [],
    ids: [],
    evicted: false,
    ordinals: {},
    armed: [],
  };
}

/** What is known of a producer's numbers; it may be named like a property of every object. */
export const ordinalsOf = (state: SessionState, source: string): OrdinalState | undefined =>
  Object.hasOwn(state.ordinals, source) ? state.ordinals[source] : undefined;

/** Timers without one that fired. */
export const withoutTimer = (armed: readonly number[], at: number): readonly number[] =>
  armed.filter((time) => time !== at);

export const isLive = (run: RunState): run is LiveRun => run.status !== "queued";
export const liveRuns = (state: SessionState): LiveRun[] => Object.values(state.runs).filter(isLive);
export const tasksOf = (state: SessionState, run: RunId): TaskState[] =>
  Object.values(state.tasks).filter((task) => task.run === run);
/** Hashes of the flows that a state's runs have, each once. */
export const flowsOfRuns = ({ runs }: Pick<SessionState, "runs">): readonly string[] => [
  ...new Set(Object.values(runs).map(({ flow }) => flow)),
];
/** Whether nothing is under way or waiting in the session. */
export const isIdle = (state: SessionState): boolean =>
  Object.keys(state.runs).length === 0 &&
  Object.values(state.ordinals).every((o) => Object.keys(o.held).length === 0);
