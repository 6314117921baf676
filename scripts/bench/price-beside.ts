import { PRICES } from "../price/prices.ts";

/** What orchestrates the same session at AWS's list prices, US dollars for a million of them. */
export interface PriceBeside {
  readonly what: string;
  readonly arithmetic: string;
  readonly usd: number;
}

/** The session of five agents, two of them side by side. */
const AGENTS = 5;
/** Its start, the five agents, the fork, and its end. */
const TRANSITIONS = AGENTS + 3;
/** A call of each agent, the fork, and its two branches. */
const OPERATIONS = AGENTS + 3;
/** About what the spine's log holds of it before it is compressed. */
const WRITTEN_KB = 35;
const KB_A_GB = 1e6;
const PER_MILLION = 1e6;

const invocations = AGENTS * PRICES.lambdaRequest;

/**
 * Orchestrators of AWS for the same session, from list prices alone: neither was run. Agents' own time is left out, as it is for the spine;
 * so are logs, and what the rivals lack (an ordered log that others read, people, pre-emption).
 */
export const PRICES_BESIDE: readonly PriceBeside[] = [
  {
    what: "Step Functions, standard",
    arithmetic: `${TRANSITIONS} transitions × $${PRICES.transition}, ${AGENTS} invocations × $${PRICES.lambdaRequest.toFixed(2)}`,
    usd: TRANSITIONS * PRICES.transition + invocations,
  },
  {
    what: "Lambda durable functions",
    arithmetic: `${OPERATIONS} operations × $${PRICES.durableOperation}, ${WRITTEN_KB} KB written × $${PRICES.durableGb} per GB, ${AGENTS} invocations × $${PRICES.lambdaRequest.toFixed(2)}`,
    usd:
      OPERATIONS * PRICES.durableOperation +
      (WRITTEN_KB / KB_A_GB) * PRICES.durableGb * PER_MILLION +
      invocations,
  },
];
