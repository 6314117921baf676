import type { AbortSignalLike } from "#core/contract.ts";

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms`. */
  sleep(ms: number): Promise<void>;
  /** A signal that aborts at `at`; `cancel` releases its timer. */
  alarm(at: number): { readonly signal: AbortSignalLike; cancel(): void };
}

export interface Ids {
  /** A new unguessable id: letters and digits, at least 100 bits. */
  next(): string;
}
