import { hostAgent } from "#aws/host-agent.ts";
import { agent } from "./agent.ts";

export const handler = hostAgent(agent);
