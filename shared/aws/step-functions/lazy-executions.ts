import type { Executions } from "#ports/clock.ts";
import { onDemand } from "../on-demand.ts";

/** Executions whose client is loaded at the first use: few sessions have a deadline far ahead, and fewer a dead letter. */
export function createLazyExecutions(stateMachine: string): Executions {
  const executions = onDemand(async () => {
    // Named as bundling.ts names it, which gives it a file of its own.
    const { createDefaultSfnExecutions } = await import("#aws/step-functions/sfn-executions.ts");
    return createDefaultSfnExecutions(stateMachine);
  });
  return { start: async (name, input) => (await executions()).start(name, input) };
}
