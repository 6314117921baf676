import type { SessionKey } from "#core/ids.ts";
import type { SessionAdvanced } from "#core/session/task-messages.ts";

/** A publication that the bus did not take. */
export interface Unpublished {
  readonly advance: SessionAdvanced;
  readonly reason: string;
}

/**
 * Publishes commits on spine-out. At least once, in no order; a consumer orders by sequence. Gives back what was not taken:
 * after the first request of which anything fails no other is made, so that a bus that is down is asked once. Never throws.
 */
export interface Publish {
  publish(advances: readonly SessionAdvanced[]): Promise<readonly Unpublished[]>;
}

/**
 * Consumers that subscribed in order: a FIFO queue each, grouped by session. Sending a commit twice is harmless: within five
 * minutes the queue drops the second, later a consumer knows its sequence. What a queue refuses for good is a SpineError that
 * is not retryable.
 */
export interface OrderedSubscriptions {
  readonly names: readonly string[];
  deliver(name: string, advance: SessionAdvanced): Promise<void>;
}

/**
 * How far each ordered subscription has got a session's commits: the sequence up to which all were sent to its queue. Only ever
 * behind the truth, never ahead of it; losing an entry costs sending a session again.
 */
export interface DeliveryProgress {
  /** By subscription; one that has got nothing of the session has no entry. */
  reached(key: SessionKey): Promise<ReadonlyMap<string, number>>;
  /** An entry that is further already stays. */
  advance(key: SessionKey, reached: ReadonlyMap<string, number>): Promise<void>;
  /** Forgets a session of which nothing else is left. */
  remove(key: SessionKey): Promise<void>;
}
