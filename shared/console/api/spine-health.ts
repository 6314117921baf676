/** Messages in queues, as SQS counts them. */
export interface QueueDepth {
  readonly visible: number;
  readonly inFlight: number;
}

/** How an agent's function was invoked in the last five minutes. */
export interface AgentCalls {
  readonly group?: string;
  readonly perMinute: number;
  readonly errors: number;
  /** ms */
  readonly latencyMs?: { readonly p50: number; readonly p95: number; readonly p99: number };
}

export interface BreakerChange {
  readonly at: number;
  readonly to: "open" | "closed";
}

export interface AgentHealth {
  readonly agent: string;
  /** Of the last minutes. */
  readonly answers: number;
  readonly failures: number;
  readonly breaker: "closed" | "open" | "half-open";
  /** The newest first. */
  readonly changes?: readonly BreakerChange[];
  /** Of both lanes. */
  readonly queue: QueueDepth;
  readonly deadLetters: number;
  readonly calls?: AgentCalls;
}

export interface QueueHealth extends QueueDepth {
  readonly name: string;
  readonly deadLetters: number;
  readonly oldestSeconds?: number;
}

export interface AlarmHealth {
  readonly name: string;
  readonly state: "ok" | "alarm" | "insufficient-data";
  readonly since: number;
  readonly description: string;
}

/** How many there may be at once. */
export interface Bounds {
  readonly total: number;
  readonly perTenant: number;
}

export interface Limits {
  readonly events: readonly {
    readonly tenant: string;
    readonly perSecond: number;
    readonly burst: number;
    readonly left?: number;
  }[];
  readonly tasksInFlight?: number;
  readonly waits?: Bounds;
  readonly streams?: Bounds;
}

/** As `GET /health` gives it; an older deployment tells less. */
export interface Health {
  readonly at: number;
  readonly measuredAt?: number;
  readonly agents: readonly AgentHealth[];
  readonly queues: readonly QueueHealth[];
  readonly alarms?: readonly AlarmHealth[];
  readonly limits?: Limits;
}
