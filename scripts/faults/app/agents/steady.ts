import { hostAgent } from "#aws/lambda/host-agent.ts";
import { steady } from "../contracts.ts";

export const handler = hostAgent(
  steady.implement(({ context }) => ({ text: `about ${context.input.subject}` })),
);
