import type { BreakerVerdict } from "#core/session/seen.ts";

/** Circuit-breaker verdicts, cached. Only agents that are not closed are listed. */
export interface AgentHealth {
  verdicts(): Promise<Readonly<Record<string, BreakerVerdict>>>;
  /** Counts an outcome; losing one count is harmless. */
  report(agent: string, outcome: "ok" | "slow" | "failed" | "timed-out"): void;
}
