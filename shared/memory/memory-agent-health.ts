import type { BreakerState } from "#core/session/seen.ts";
import type { AgentHealth } from "#ports/agents.ts";
import type { Clock } from "#ports/clock.ts";
import {
  BREAKER_RULES,
  CLOSED,
  breakerStateOf,
  withOutcome,
  withProbe,
  type Breaker,
} from "#core/breaker.ts";

/** One circuit breaker per agent, counted in memory. */
export function createMemoryAgentHealth(clock: Pick<Clock, "now">, rules = BREAKER_RULES): AgentHealth {
  const breakers = new Map<string, Breaker>();
  // Most agents are closed: only the others are looked at when somebody asks.
  const notClosed = new Set<string>();
  return {
    async breakerStates(beginning = "") {
      const breakerStates: Record<string, BreakerState> = {};
      const now = clock.now();
      for (const agent of notClosed) {
        if (!agent.startsWith(beginning)) continue;
        const breaker = breakers.get(agent) ?? CLOSED;
        const state = breakerStateOf(breaker, now);
        if (state === undefined) continue;
        breakerStates[agent] = state;
        if (state === "probe") breakers.set(agent, withProbe(breaker, now, rules));
      }
      return breakerStates;
    },
    report(agent, outcome) {
      const call = outcome === "timed-out" ? "failed" : outcome;
      const breaker = withOutcome(breakers.get(agent) ?? CLOSED, call, clock.now(), rules);
      breakers.set(agent, breaker);
      if (breaker.openUntil === undefined) notClosed.delete(agent);
      else notClosed.add(agent);
    },
  };
}
