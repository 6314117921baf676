import type { TaskMessage } from "#core/session/messages.ts";

/**
 * Sends tasks to their agents' queues, lane by lane. Message group and deduplication id are both the hash of task and
 * attempt, so a second send of the same attempt within the queue's window is dropped there, and nothing waits behind it.
 * A message that could not be sent is a SpineError `queue.rejected`, after all others were tried.
 */
export interface Dispatch {
  send(tasks: readonly TaskMessage[]): Promise<void>;
}
