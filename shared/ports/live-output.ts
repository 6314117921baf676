import type { SessionKey } from "#core/ids.ts";
import type { LiveRecord } from "#core/session/live/live-record.ts";
import type { AttemptProof } from "#core/session/task-messages.ts";

/**
 * What agents say of the tasks that they work on: for each task its newest record, for some minutes. It is in no log, and losing it is
 * harmless. Rules for an implementation:
 * - a record replaces one of the same task with a smaller number of the same attempt, or of an earlier attempt; one that comes later or
 *   sooner than `LIVE_PAUSE_MS` after the one before is passed over;
 * - `read` gives every task's newest record that was put some time before it began, in the order of their tasks.
 */
export interface LiveOutput {
  /** Keeps a record that was said at `at`, ms. */
  put(key: SessionKey, record: LiveRecord, at: number): Promise<void>;
  read(key: SessionKey): Promise<readonly LiveRecord[]>;
}

/** Where an agent's host says what its agent does. */
export interface ProgressDoor {
  progress(proof: AttemptProof, record: Omit<LiveRecord, "task" | "attempt">): Promise<void>;
}
