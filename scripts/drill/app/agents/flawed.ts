import { hostAgent } from "#aws/lambda/host-agent.ts";
import { flawed } from "../contracts.ts";

const fail = (): Record<string, never> => {
  throw new Error("It always fails.");
};

export const handler = hostAgent(flawed.implement(fail));
