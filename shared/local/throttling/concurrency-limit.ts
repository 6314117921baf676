import type { Throttling } from "./throttling.ts";

export type Refusal =
  "ConcurrentInvocationLimitExceeded" | "ReservedFunctionConcurrentInvocationLimitExceeded";

/** The invocations that an account may have at once. */
export interface Concurrency {
  /** Sets some aside for a function, which may have no more than them. At least 100 must stay for the others. */
  reserve(functionName: string, count: number): void;
  /** Lets one more run, or says why not. Who is let in must leave. */
  enter(functionName: string): Refusal | undefined;
  leave(functionName: string): void;
}

const LEAST_UNRESERVED = 100;

export function createConcurrency(throttling: Throttling): Concurrency {
  const reserved = new Map<string, number>();
  const running = new Map<string, number>();
  let shared = 0;
  const setAside = () => [...reserved.values()].reduce((sum, count) => sum + count, 0);
  const refuse = (why: Refusal): Refusal => {
    throttling.refused("lambda concurrency");
    return why;
  };

  return {
    reserve(functionName, count) {
      reserved.set(functionName, count);
      if (throttling.quotas.concurrency - setAside() >= LEAST_UNRESERVED) return;
      throw new Error(
        `${functionName}: reserving ${count} leaves less than ${LEAST_UNRESERVED} of the account's concurrency of ${throttling.quotas.concurrency}.`,
      );
    },
    enter(functionName) {
      const mine = running.get(functionName) ?? 0;
      const most = reserved.get(functionName);
      if (most !== undefined && mine >= most)
        return refuse("ReservedFunctionConcurrentInvocationLimitExceeded");
      if (most === undefined && shared >= throttling.quotas.concurrency - setAside())
        return refuse("ConcurrentInvocationLimitExceeded");
      if (throttling.strikes("lambda invocation")) return "ConcurrentInvocationLimitExceeded";
      running.set(functionName, mine + 1);
      if (most === undefined) shared += 1;
      return undefined;
    },
    leave(functionName) {
      running.set(functionName, (running.get(functionName) ?? 1) - 1);
      if (!reserved.has(functionName)) shared -= 1;
    },
  };
}
