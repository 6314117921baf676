import type { Problem } from "../errors.ts";
import type { BudgetLeft, Effect } from "../contract.ts";
import type { AgentName, AttemptRef, RunId, TaskId } from "../ids.ts";
import type { JsonObject } from "../json.ts";
import type { AgentOutcome, Lane } from "./input.ts";
import type { TaskSignal } from "./signal/task-signal.ts";

/** A view that is too large to travel in a message. */
export interface ViewLink {
  readonly key: string;
  readonly bytes: number;
}

/** A dispatch as a commit orders it; with a token it becomes the message that an agent receives. */
export interface TaskOrder {
  readonly task: TaskId;
  readonly attempt: number;
  readonly agent: AgentName;
  readonly lane: Lane;
  readonly run: RunId;
  readonly step: string;
  readonly effect: Effect;
  /** The effect of an earlier attempt is in doubt: find out whether it happened, and do not act. */
  readonly settles?: true;
  readonly deadline: number;
  /** The pause before a retry ends then, ms: whoever gets it earlier waits. Absent: at once. */
  readonly notBefore?: number;
  /** Call the door so often while the agent works. */
  readonly heartbeatMs?: number;
  /** The sequence that the view shows. */
  readonly asOf: number;
  readonly view: JsonObject | { readonly link: ViewLink };
  readonly linked: boolean;
  readonly budget: BudgetLeft;
  /** Answers of wide forks and maps go to the queue, so that they do not race at the door. */
  readonly answerBy: "door" | "queue";
  /** The attempt (`task/attempt`) whose host is handed this one with the door's answer. Absent: it takes the queue. */
  readonly handedBy?: string;
  /** What its agent says while it works is shown. Absent: nobody asked for it, or it might be personal. */
  readonly live?: true;
  readonly correlation: string;
  readonly traceparent?: string;
}

/** What an agent's queue carries. */
export interface TaskMessage extends TaskOrder {
  readonly tenant: AttemptRef["tenant"];
  readonly session: AttemptRef["session"];
  /** When the dispatch was committed, ms. */
  readonly committedAt: number;
  readonly idempotencyKey: string;
  readonly token: string;
  /** Where to fetch a linked view. */
  readonly viewUrl?: string;
}

export interface AttemptProof extends AttemptRef {
  readonly token: string;
}

export interface AnswerMessage extends AttemptProof {
  readonly outcome: AgentOutcome;
  /** The host can take another task of its group that ends within so many ms. Absent: none. */
  readonly nextWithinMs?: number;
}

/** Why an attempt need not run. */
export type StopReason = "settled" | "fenced" | "claimed" | "stale" | "stopped";

export type LookResult =
  | { readonly go: true }
  | {
      readonly go: false;
      readonly because: StopReason;
      /** The task that this attempt's answer handed over, if nobody has begun it. */
      readonly next?: TaskMessage;
    };
export type ClaimResult = LookResult;
/** What was told the agent of an attempt, after the last that it has. */
export type SignalsResult = { readonly signals: readonly TaskSignal[] } & (
  { readonly go: true } | { readonly go: false; readonly because: StopReason }
);
export interface AnswerResult {
  /** `recorded`: in the log. `settled`: the attempt had its outcome already, nothing was written. `busy`: use the queue. */
  readonly type: "recorded" | "settled" | "busy";
  /** What breaks the contract: the answer was recorded as a failed one. */
  readonly problems?: readonly Problem[];
  /** The next task of the agent's group, for the host that answered: it takes no queue. */
  readonly next?: TaskMessage;
}

/** The publication of one commit. */
export interface SessionAdvanced {
  readonly tenant: string;
  readonly session: string;
  readonly first: number;
  readonly last: number;
  /** Event types, so that patterns match. */
  readonly types: readonly string[];
  /** Hash of this commit: the newest one vouches for the log before it. */
  readonly hash: string;
  readonly time: number;
  readonly correlation: readonly string[];
  readonly events: readonly JsonObject[];
  /** How many of the oldest ids left the window, if any did: with the events all that a fold needs. */
  readonly evicted?: number;
}

/** The same for every attempt of a task. */
export function idempotencyKeyOf(ref: Pick<AttemptRef, "tenant" | "session" | "task">): string {
  return `${ref.tenant}/${ref.session}/${ref.task}`;
}
