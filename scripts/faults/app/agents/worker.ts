import { hostAgent } from "#aws/lambda/host-agent.ts";
import { worker } from "../contracts.ts";

export const handler = hostAgent(
  worker.implement(async ({ context }) => {
    const startedAt = Date.now();
    const { subject, gate } = context.input;
    // The gate's server answers when the work is to be done.
    if (gate !== undefined) await fetch(gate);
    return { for: subject, startedAt };
  }),
);
