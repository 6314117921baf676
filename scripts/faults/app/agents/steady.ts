import { hostAgent } from "#aws/host-agent.ts";
import { steady } from "../contracts.ts";

export const handler = hostAgent(
  steady.implement(({ context }) => ({ text: `about ${context.input.subject}` })),
);
