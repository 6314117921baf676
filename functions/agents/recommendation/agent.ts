import type { Agent } from "#core/contract.ts";
import { createMemoryCatalogue } from "./catalogue.ts";
import { OFFERS } from "./offers.ts";
import { recommendationAgent } from "./recommendation-agent.ts";

/** The agent on a catalogue in memory. */
export const createAgent = (): Agent => recommendationAgent({ catalogue: createMemoryCatalogue(OFFERS) });
