import type { BreakerState } from "#core/session/seen.ts";
import type { AgentHealth } from "#ports/agents.ts";
import { between } from "#memory/seeded-chance.ts";
import { START } from "./sim-names.ts";
import type { Ground } from "./worker.ts";

const BREAKER_SPAN_MS = 10_000;

/** Breakers that open by the seed's will: for a while, for some agents. */
export function createSimHealth({ seed, scheduler, chaos }: Ground, agents: readonly string[]): AgentHealth {
  let span = -1;
  let breakerStates: Record<string, BreakerState> = {};
  return {
    breakerStates: () => {
      const now = Math.floor((scheduler.now - START) / BREAKER_SPAN_MS);
      if (now !== span) {
        span = now;
        breakerStates = {};
        for (const agent of agents) {
          const site = `breaker ${agent} ${span}`;
          if (chaos.at(site, ["breaker-open"]) === undefined) continue;
          breakerStates[agent] = between(seed, `${site} probe`, 0, 2) === 0 ? "probe" : "open";
        }
      }
      return Promise.resolve(breakerStates);
    },
    report: () => undefined,
  };
}
