import { createMemoryCatalogue } from "./catalogue.ts";
import { OFFERS } from "./offers.ts";
import { recommendationAgent } from "./recommendation-agent.ts";

export const agent = recommendationAgent({ catalogue: createMemoryCatalogue(OFFERS) });
