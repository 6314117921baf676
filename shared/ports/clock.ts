export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms`. */
  sleep(ms: number): Promise<void>;
  /** A signal that aborts at `at`; `cancel` releases its timer, `ring` aborts it now. */
  alarm(at: number): Alarm;
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
