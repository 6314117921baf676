import type { SessionKey } from "#core/ids.ts";
import type { JsonObject } from "#core/json.ts";

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms`. */
  sleep(ms: number): Promise<void>;
  /**
   * A signal that aborts at `at`; `cancel` releases its timer, `ring` aborts it now. A background alarm does not keep an
   * otherwise idle process alive.
   */
  alarm(at: number, options?: { readonly background?: boolean }): Alarm;
}

export interface Alarm {
  readonly signal: AbortSignal;
  cancel(): void;
  ring(): void;
}

export interface Ids {
  /** A new unguessable id: letters and digits, at least 100 bits. */
  next(): string;
}

/** Arms a deadline: an input of kind `deadline` reaches the session at or after `at` (ms). It may arrive late, early or twice. */
export interface Deadlines {
  arm(key: SessionKey, at: number): Promise<void>;
}

/**
 * Starts executions of one state machine, each once by its name (at most 80 letters, digits, - and _). Starting a running
 * execution with the same input is `running` too; `closed` means that the name was used before, by an execution that ended or
 * has another input. Broken infrastructure is a SpineError `log.unavailable`, retryable.
 */
export interface Executions {
  start(name: string, input: JsonObject): Promise<"running" | "closed">;
}
