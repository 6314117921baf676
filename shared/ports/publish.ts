import type { SessionKey } from "#core/ids.ts";
import type { SessionAdvanced } from "#core/session/task-messages.ts";

/** A publication that the bus rejected. */
export interface Unpublished {
  readonly advance: SessionAdvanced;
  readonly reason: string;
}

/**
 * Publishes commits on spine-out. At least once, in no order; a consumer orders by sequence. Returns the rejected publications:
 * it stops after the first request with a failure, so that a bus that is down is asked once. Never throws.
 */
export interface Publish {
  publish(advances: readonly SessionAdvanced[]): Promise<readonly Unpublished[]>;
}

/**
 * Ordered subscriptions: a FIFO queue each, grouped by session. Sending a commit twice is harmless: within five minutes the
 * queue drops the second, later a consumer knows its sequence. A permanent rejection by a queue is a SpineError that is not
 * retryable.
 */
export interface OrderedSubscriptions {
  readonly names: readonly string[];
  deliver(name: string, advance: SessionAdvanced): Promise<void>;
}

/**
 * The progress of each ordered subscription in a session's commits: the sequence up to which all were sent to its queue. It may
 * lag behind the truth, but is never ahead of it; losing an entry only causes sending a session again.
 */
export interface DeliveryProgress {
  /** By subscription; one that has received nothing of the session has no entry. */
  reached(key: SessionKey): Promise<ReadonlyMap<string, number>>;
  /** An entry that is already further ahead stays. */
  advance(key: SessionKey, reached: ReadonlyMap<string, number>): Promise<void>;
  /** Deletes the progress of a session with no other data left. */
  remove(key: SessionKey): Promise<void>;
}
