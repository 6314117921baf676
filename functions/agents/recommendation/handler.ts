import { hostAgent } from "#aws/lambda/host-agent.ts";
import { createAgent } from "./recommendation-agent.ts";

export const handler = hostAgent(createAgent());
