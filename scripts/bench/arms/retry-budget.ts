import { FunctionError, ServiceError, type Environment } from "../kernel/environment.ts";
import { AgentFailure, type Ground } from "./arm.ts";

/** Does something, and again where it failed in passing and neither the budget nor the time until is used up. */
export type Retried = <T>(environment: Environment, until: number, once: () => Promise<T>) => Promise<T>;

/** The longest pause before another try. */
const PAUSE_MS = 200;

/** What another try may mend: an agent that failed, a function that died, a service that had no room or no answer. */
export const isPassing = (error: unknown): boolean =>
  error instanceof AgentFailure || error instanceof FunctionError || error instanceof ServiceError;

/** The retries of one well-built rival: no more than a share of all its first calls, so that trouble does not multiply itself. */
export function createRetryBudget({ kernel }: Ground, passes = isPassing): Retried {
  const { agentAttempts, retryShare } = kernel.params.wellBuilt;
  let calls = 0;
  let retries = 0;
  return async (environment, until, once) => {
    calls += 1;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once();
      } catch (error) {
        const mayRetry = retries < 1 + calls * retryShare;
        if (!passes(error) || !mayRetry || attempt >= agentAttempts || kernel.now >= until) throw error;
        retries += 1;
        await environment.sleep(kernel.draw(environment.label, "agent retry") * PAUSE_MS);
      }
    }
  };
}
