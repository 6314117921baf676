/** The whole minutes that `Monitoring.lately` looks back. */
export const MEASURED_MINUTES = 5;

/** How a function was invoked in the last minutes. */
export interface InvocationMeasures {
  readonly invocations: number;
  /** Invocations that crashed, timed out or threw. */
  readonly errors: number;
  /** How long they took, ms; absent where nothing is known of any. */
  readonly latencyMs?: LatencyMeasures;
}

/** So many ms half of them, 95 and 99 of a hundred took at most. */
export interface LatencyMeasures {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** What was measured in the last minutes. Of what nothing was measured there is no entry. */
export interface Measured {
  /** Of the functions that host agents, by the name of agent or group. */
  readonly hosts: ReadonlyMap<string, InvocationMeasures>;
  /** How long the oldest message has been in a queue, in seconds, by what follows the spine's prefix in the queue's name. */
  readonly oldestSeconds: ReadonlyMap<string, number>;
}

/** What is to be measured. */
export interface MeasuredNames {
  readonly hosts: readonly string[];
  readonly queues: readonly string[];
}

/** An alarm of a spine. */
export interface AlarmReport {
  /** What follows the spine's prefix in its name. */
  readonly name: string;
  readonly state: "ok" | "alarm" | "insufficient-data";
  /** When it came to be so, ms. */
  readonly since: number;
  /** Its meaning, for people. */
  readonly description: string;
}

/**
 * What monitoring keeps of a spine, for people to look at: no decision depends on it. It is behind by a minute or two. Broken
 * infrastructure is an error of the implementation's own.
 */
export interface Monitoring {
  /** What was measured in the last `MEASURED_MINUTES` whole minutes. Names that nothing goes by are left out of the answer. */
  lately(names: MeasuredNames): Promise<Measured>;
  /** The spine's alarms, those of its agents and subscriptions included, by name. Another spine's are left out. */
  alarms(): Promise<readonly AlarmReport[]>;
}
