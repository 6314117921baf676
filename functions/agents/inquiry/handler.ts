import { hostAgent } from "#aws/lambda/host-agent.ts";
import { agent } from "./deployed.ts";

export const handler = hostAgent(agent);
