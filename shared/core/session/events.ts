import type { AgentName, RunId, TaskId } from "../ids.ts";
import type { CompiledFlow, Fallback } from "../flow/plan.ts";
import type { BudgetLeft, ContractSpec, Usage } from "../contract.ts";
import type { Json, JsonObject } from "../json.ts";
import type {
  AgentOutcome,
  Command,
  EventInput,
  Failure,
  ForkInput,
  HumanInput,
  Lane,
  LetterInput,
  SignalInput,
} from "./input.ts";
import type { Sheet } from "./sheet.ts";
import type { KeptEvent, RunEnding } from "./state.ts";

/** What became of an accepted event at first sight. */
export type Disposition =
  /** It starts or queues runs. */
  | "triggers"
  /** A step was waiting for it. */
  | "awaited"
  /** No step waits for it yet, and a run that was there before it may still do so. */
  | "kept"
  /** No flow's condition holds, and no run may wait for it. */
  | "ignored"
  /** A flow that takes it does not want it while busy, or the runs that may wait for it keep as much as they may. */
  | "rejected";

/** What became of an event, and why where that is not plain. */
interface Disposed {
  readonly disposition: Disposition;
  /** Conditions of waits and triggers that could not be evaluated: they do not hold. */
  readonly errors?: readonly string[];
  /** Why it was rejected, where no flow did so. */
  readonly reason?: string;
}

type StoredFlow =
  | { readonly hash: string; readonly flow: CompiledFlow; readonly apart?: never }
  | { readonly hash: string; readonly flow?: CompiledFlow; readonly apart: true };

/** A wait that a kept event was offered to in vain. */
export interface PassedWait {
  readonly step: string;
  readonly reason: string;
}

interface InRun {
  readonly run: RunId;
}
interface AtStep extends InRun {
  readonly step: string;
}
interface OfTask {
  readonly task: TaskId;
}
interface OfAttempt extends OfTask {
  readonly attempt: number;
}

/** Its step says how to undo it: it is, when its run does not complete. */
interface Compensable {
  readonly compensable?: true;
}
/** What its effects did, and nobody undid: these slots stand although the run did not complete. */
interface Standing {
  readonly stands?: readonly string[];
}
/** It was accepted in time, and decided only after that. */
interface Accepted {
  readonly acceptedAt?: number;
}
/** It is done, and nobody answered. */
interface Empty {
  readonly empty?: true;
}
/** Tasks whose effects should have been undone and were not. */
interface Leftover {
  readonly uncompensated?: readonly TaskId[];
}

/** Every fact a session's log can hold: type to data. The first event that an input causes carries the input's body. */
export interface SessionEvents {
  // Inputs
  readonly InputAccepted: {
    readonly input: EventInput;
    readonly late?: true;
  } & Disposed;
  /** Its predecessor is missing: it waits until then, or until it is due. */
  readonly InputHeld: { readonly input: EventInput; readonly dueAt: number };
  readonly InputReleased: {
    readonly source: string;
    readonly ordinal: number;
  } & Disposed;
  readonly OrdinalGapRecorded: { readonly source: string; readonly from: number; readonly to: number };
  readonly InputQuarantined: {
    readonly input: Json;
    readonly kind: string;
    readonly error: Failure;
    readonly source: string;
    readonly id: string;
    readonly hash: string;
  };
  readonly CommandGiven: {
    readonly source: string;
    readonly id: string;
    readonly hash: string;
    readonly correlation: string;
    readonly command: Command;
    readonly by?: string;
  };
  /** Agents at work on these tasks are told something. It is no part of what they see, and nothing is stale for it. */
  readonly TaskSignalled: { readonly input: SignalInput; readonly tasks: readonly TaskId[] };
  /** A signal that reaches nobody. */
  readonly SignalIgnored: { readonly input: SignalInput; readonly reason: string };
  readonly DeadLetterRecorded: { readonly letter: LetterInput };
  readonly DeadlinePassed: { readonly at: number };
  // Forks
  /** The session begins with what another one had. Its state is as it was taken over, without what the next events bring. */
  readonly SessionForked: Omit<ForkInput, "kind" | "traceparent">;
  /** A run of the origin goes on here: what it replies to is this event. */
  readonly RunCarried: InRun;
  /** An event of the origin that runs may still wait for. */
  readonly EventCarried: Omit<KeptEvent, "sequence">;
  /**
   * What the origin recorded at `from` is taken in place of asking an agent. `differs`: its agent would see something else now, and
   * its effect is not performed again.
   */
  readonly OutcomeReused: OfTask & {
    readonly from: number;
    readonly result: Json;
    readonly confidence?: number;
    readonly effect?: true;
    readonly differs?: true;
  };
  // Events that nothing took yet
  /** The event at this sequence is offered to waits of these runs as they open. */
  readonly EventKept: {
    readonly event: number;
    readonly type: string;
    readonly runs: readonly RunId[];
    /** Runs that may wait for it as well, and keep as much as they may. */
    readonly full?: readonly RunId[];
  };
  /** It was offered to waits of a run as they opened, and they did not want it. At most a few of them are named. */
  readonly KeptEventPassed: InRun & {
    readonly event: number;
    readonly type: string;
    readonly waits: number;
    readonly passed: readonly PassedWait[];
  };
  /** Waits of a run took it. `left`: the runs under way beside it that may take it too. */
  readonly KeptEventTaken: InRun & {
    readonly event: number;
    readonly left: readonly RunId[];
    readonly first?: true;
  };
  /** The last run that might have waited for it has ended, and none did. */
  readonly KeptEventDropped: { readonly event: number; readonly type: string };
  // Runs
  /** A flow that the session needs. `apart`: the log only names it, and it stands in the log's library; publications bring it along. */
  readonly FlowStored: StoredFlow;
  readonly RunQueued: InRun & {
    readonly flow: string;
    readonly name: string;
    readonly onBusy: CompiledFlow["onBusy"];
    readonly trigger: number;
  };
  /** A run without a sheet began under form 1, and ends under its rules. */
  readonly RunStarted: InRun & { readonly dueAt: number; readonly sheet?: Sheet };
  readonly RunSuspended: InRun & { readonly by: RunId };
  readonly RunResumed: InRun;
  readonly RunCompleted: InRun;
  readonly RunFailed: InRun & { readonly error: Failure } & Leftover & Standing;
  readonly RunCancelled: InRun & { readonly reason: string; readonly trigger: number } & Leftover & Standing;
  /** The session's value of a kept section changed after the run wrote its own: the step runs again, or its value counts. */
  readonly KeptSectionChanged: AtStep & { readonly slot: string; readonly action: "rerun" | "conflict" };
  /** The run does not go on: what it did is undone in reverse order. The claims in `awaits` are resolved before. */
  readonly CompensationStarted: InRun & {
    readonly ending: RunEnding;
    readonly dueAt: number;
    readonly awaits: readonly TaskId[];
  };
  readonly RunRejected: {
    readonly flow: string;
    readonly name: string;
    readonly trigger: number;
    readonly reason: string;
  };
  /** What answers the event at `to`. Without a run it is the end of an event that no run was ever queued for. */
  readonly ReplySent: Partial<InRun> & {
    readonly to: number;
    readonly body: Json;
    readonly failed?: true;
  };
  readonly BudgetExhausted: InRun & { readonly budget: "hops" | "tokens" | "money"; readonly limit: number };
  readonly SessionStopped: { readonly reason: string };
  readonly SessionDeadlineSet: { readonly at: number };
  // Steps
  readonly StepStarted: AtStep & { readonly kind: "sequence" | "parallel" | "flow"; readonly dueAt?: number };
  readonly ChoiceMade: AtStep & {
    readonly branch: string;
    readonly condition?: string;
    readonly errors?: readonly string[];
    /** What the conditions saw, up to the one that held: path to value, as far as it is short. */
    readonly values?: JsonObject;
  };
  readonly MapStarted: AtStep & {
    readonly items: readonly Json[];
    /** The items' names, where the map gives them. */
    readonly keys?: readonly string[];
    /** Agents' sections that are empty now. */
    readonly slots?: readonly string[];
    readonly dueAt?: number;
  };
  readonly WaitStarted: AtStep & { readonly event: string; readonly dueAt: number };
  /** `kept`: the event came before the wait. */
  readonly WaitSatisfied: AtStep & { readonly by: number; readonly into?: string; readonly kept?: true };
  /** `slot`: what it was to fill is empty. */
  readonly WaitExpired: AtStep & { readonly slot?: string };
  readonly HumanAsked: AtStep & {
    readonly ask: string;
    readonly question: string;
    readonly dueAt: number;
    readonly task?: TaskId;
  };
  /** `from`: a fork takes what a person answered in its origin. */
  readonly HumanAnswered: AtStep & {
    readonly input: HumanInput;
    readonly slot: string;
    readonly task?: TaskId;
    readonly from?: number;
  };
  /** A person looked whether an effect in doubt happened. */
  readonly DoubtSettled: AtStep &
    OfTask & {
      readonly input: HumanInput;
      readonly slot: string;
      readonly happened: boolean;
      readonly result: Json;
    } & Compensable;
  readonly HumanExpired: AtStep & {
    readonly ask: string;
    readonly task?: TaskId;
    readonly slot?: string;
  };
  readonly ContextTransformed: AtStep & { readonly set: Readonly<Record<string, Json>> };
  readonly EventEmitted: AtStep & { readonly type: string; readonly data: Json } & Partial<Disposed>;
  readonly JoinDecided: AtStep & {
    readonly winners: readonly string[];
    readonly lingering?: readonly string[];
    readonly partial?: true;
    readonly slot?: string;
    readonly value?: Json;
  } & Empty;
  readonly StepCompleted: AtStep & Empty;
  readonly StepFailed: AtStep & { readonly error: Failure };
  readonly StepCancelled: AtStep & { readonly reason: string };
  // Tasks
  readonly TaskCreated: OfTask &
    AtStep & { readonly agent: AgentName; readonly slot: string; readonly undoes?: TaskId };
  readonly AttemptDispatched: OfAttempt & {
    readonly agent: AgentName;
    readonly lane: Lane;
    readonly asOf: number;
    readonly deadline: number;
    readonly dueAt: number;
    readonly budget: BudgetLeft;
    /** When its heartbeats are looked at first. */
    readonly checkAt?: number;
    /** The attempt (`task/attempt`) whose host was handed it with the door's answer. Absent: it takes the queue. */
    readonly handedBy?: string;
  };
  /** Its agent was heard of at `at`, or has not begun; it is looked at again. */
  readonly HeartbeatSeen: OfAttempt & { readonly at?: number; readonly checkAt: number };
  readonly AnswerApplied: OfAttempt & {
    readonly result: Json;
    readonly confidence?: number;
    readonly usage?: Usage;
    readonly stale?: readonly string[];
  } & Compensable &
    Accepted;
  readonly AnswerStale: OfAttempt & {
    readonly result: Json;
    readonly usage?: Usage;
    readonly changed: readonly string[];
    readonly action: "rerun" | "drop" | "give-up";
  } & Accepted;
  /** The agent gave its answer, and the spine cannot take it: for a limit of its own, which says nothing of the agent. */
  readonly AnswerUnusable: OfAttempt & {
    readonly result: Json;
    readonly usage?: Usage;
    readonly error: Failure;
  } & Compensable;
  readonly AnswerLate: OfAttempt & { readonly outcome: AgentOutcome; readonly claimed: boolean };
  /** `held`: the effect was claimed, so its fate is only decided when its holder must be dead. */
  readonly AttemptFailed: OfAttempt & {
    readonly error: Failure;
    readonly retryable: boolean;
    readonly effect?: "not-done";
    readonly usage?: Usage;
    readonly held?: true;
  } & Accepted;
  /** `silentSince`: its time is not over, but its agent has not been heard of since. */
  readonly AttemptTimedOut: OfAttempt & { readonly silentSince?: number };
  readonly AttemptFenced: OfAttempt & { readonly reason: string; readonly again: boolean };
  readonly AgentUnavailable: OfTask & { readonly agent: AgentName };
  readonly RetryScheduled: OfTask & { readonly dueAt: number };
  readonly EffectClaimed: OfAttempt & { readonly execution: string; readonly settleAt: number };
  readonly ClaimRefused: OfAttempt & { readonly execution: string; readonly changed: readonly string[] };
  /** `asks`: who is asked next whether it happened. */
  readonly EffectInDoubt: OfAttempt & {
    readonly policy: ContractSpec["onDoubt"];
    readonly asks?: "agent" | "person";
  } & Compensable;
  readonly FallbackTaken: OfTask & {
    readonly link: number;
    readonly type: Fallback<ContractSpec>["type"];
    readonly agent?: AgentName;
  };
  readonly ValueFilled: OfTask & { readonly value: Json; readonly by: "value" | "last-known" };
  readonly TaskSkipped: OfTask & { readonly reason: string };
  readonly TaskFailed: OfTask & { readonly error: Failure };
  // Time
  readonly DeadlineArmed: { readonly at: number };
  /** The commit is as large as may be: a deadline for now is armed with it, at which the rest is decided. */
  readonly DecisionStopped: Readonly<Record<string, never>>;
  /** `afterMs`: how long it stood still, which is no time of the runs under way. */
  readonly DecisionResumed: { readonly afterMs: number };
}

export type SessionEventType = keyof SessionEvents;

/** A fact that is about to be committed. */
export type NewEvent = {
  [Type in SessionEventType]: { readonly type: Type; readonly data: SessionEvents[Type] };
}[SessionEventType];

/** A fact at its place in the log. */
export type RecordedEvent = NewEvent & { readonly sequence: number };
