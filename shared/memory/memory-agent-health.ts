import type { BreakerState } from "#core/session/seen.ts";
import type { AgentHealth, AgentRecord, AgentRecords } from "#ports/agents.ts";
import type { Clock } from "#ports/clock.ts";
import {
  BREAKER_RULES,
  breakerHistory,
  CLOSED,
  breakerStateOf,
  withOutcome,
  withProbe,
  type Breaker,
  type BreakerChange,
  type BreakerRules,
} from "#core/breaker.ts";

/** One circuit breaker per agent, counted in memory; its records tell of the breakers' window. */
export function createMemoryAgentHealth(
  clock: Pick<Clock, "now">,
  rules = BREAKER_RULES,
): AgentHealth & AgentRecords {
  const breakers = new Map<string, Breaker>();
  // Most agents are closed: only the others are looked at when somebody asks.
  const notClosed = new Set<string>();
  const changes = new Map<string, readonly BreakerChange[]>();
  const note = (agent: string, to: BreakerChange["to"]): void => {
    const known = changes.get(agent) ?? [];
    changes.set(agent, breakerHistory([{ to, at: clock.now() }, ...known]));
  };
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
    lately: (agents) =>
      Promise.resolve(
        agents.map((agent) => ({
          ...recordOf(breakers.get(agent) ?? CLOSED, clock.now(), rules),
          changes: changes.get(agent) ?? [],
        })),
      ),
    report(agent, outcome) {
      const call = outcome === "timed-out" ? "failed" : outcome;
      const breaker = withOutcome(breakers.get(agent) ?? CLOSED, call, clock.now(), rules);
      breakers.set(agent, breaker);
      const isOpen = breaker.openUntil !== undefined;
      if (isOpen !== notClosed.has(agent)) note(agent, isOpen ? "open" : "closed");
      if (isOpen) notClosed.add(agent);
      else notClosed.delete(agent);
    },
  };
}

function recordOf(
  { outcomes, openUntil }: Breaker,
  now: number,
  { windowMs }: BreakerRules,
): Omit<AgentRecord, "changes"> {
  const recent = outcomes.filter(({ at }) => at > now - windowMs);
  const failures = recent.filter(({ outcome }) => outcome === "failed").length;
  const ajar = openUntil !== undefined && openUntil <= now ? "half-open" : "open";
  return { answers: recent.length - failures, failures, breaker: openUntil === undefined ? "closed" : ajar };
}
