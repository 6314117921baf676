import { hostAgent } from "#aws/host-agent.ts";
import { agent } from "./deployed.ts";

export const handler = hostAgent(agent);
