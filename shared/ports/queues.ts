import type { SessionKey } from "#core/ids.ts";
import type { JsonObject } from "#core/json.ts";
import type { Input } from "#core/session/input.ts";
import type { TaskMessage, AnswerMessage } from "#core/session/task-messages.ts";

/**
 * Sends tasks to their agents' queues, lane by lane. The deduplication id is the hash of task and attempt, so a second
 * send of the same attempt within the queue's window is dropped there; the message group is the same, so that nothing waits behind it, or one
 * of its tenant's, where that is to be bounded.
 * A message that could not be sent is a SpineError `queue.rejected`, after all others were tried.
 */
export interface Dispatch {
  send(tasks: readonly TaskMessage[]): Promise<void>;
}

/** An input on its way to its session. */
export interface InboxMessage {
  readonly key: SessionKey;
  readonly input: Input;
  /** The event of spine-in that it was: what is refused becomes a dead letter as it came. */
  readonly envelope?: JsonObject;
  /** The application does not take the event as it is: only a run that began under an older one may. */
  readonly unchecked?: true;
  /** Names the redrive by which it comes once more: without it, what was delivered minutes ago is delivered to nobody. */
  readonly redrive?: string;
}

/**
 * The queue of inputs that arrive asynchronously, grouped by session. Only intake and recovery can reach it, and what kind an
 * input is, they say.
 */
export interface Inbox {
  /** Sends all, those of a session in this order, or throws. Sending them again is harmless. */
  send(...messages: readonly InboxMessage[]): Promise<void>;
}

/** The queue that takes agents' answers, grouped by session; what it carries is read as an answer and nothing else. */
export interface AnswerQueue {
  send(answer: AnswerMessage): Promise<void>;
}

/** How much waits in a queue, about. */
export interface QueueDepth {
  /** What follows the spine's prefix in its name. */
  readonly name: string;
  /** The agent whose tasks it carries. @default it is the spine's own */
  readonly agent?: string;
  readonly visible: number;
  readonly inFlight: number;
  /** In its dead-letter queue. */
  readonly deadLetters: number;
}

/** Measures every queue of a spine and of its agents; one that does not exist is left out. */
export interface QueueDepths {
  measure(): Promise<readonly QueueDepth[]>;
}

/**
 * A part of what the relay does with a commit: its directives are performed once more, the task that it hands over is sent to its queue
 * unless it has begun, ordered subscriptions get it, the bus spine-out gets it, the list of sessions tells of it.
 */
export type RelayPart = "directives" | "hand-over" | "subscriptions" | "bus" | "index";

/** Where a commit stands, and what is left to relay of it. */
export interface CommitRef extends SessionKey {
  readonly first: number;
  /** @default all of it */
  readonly left?: readonly RelayPart[];
  /** Subscribers get it also where they have had it. @default they do not */
  readonly again?: true;
}

/** The relay's own queue, of commits that it has not done. */
export interface RelayRetries {
  /** Delivers them after so long; gives back those that could not be kept. Never rejects. */
  keep(refs: readonly CommitRef[], delaySeconds: number): Promise<readonly CommitRef[]>;
}

/** The queues, beside inbox and answers, into which an operator sends again what was given up on. */
export interface WaysBack {
  /** An event of spine-in, as the bus delivered it. */
  toIntake(body: string): Promise<void>;
  /** Commits to be relayed once more. */
  toRelay(refs: readonly CommitRef[]): Promise<void>;
}

/** Finds commits without knowing their sessions, by reading the whole log: for rare repairs only. */
export interface CommitScan {
  /** Those of one page's commits that were made at `since` or later; `after` is where the next page starts. */
  since(
    since: number,
    after?: string,
  ): Promise<{ readonly refs: readonly CommitRef[]; readonly after?: string }>;
}
