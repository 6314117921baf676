import { MAX_TIMEOUT_MS, type ContractSpec } from "./contract.ts";
import { CLAIM_GRACE_MS } from "./flow/bounds.ts";

/** What of an agent's contract says how long its function may run. */
export type TimedSpec = Pick<ContractSpec, "name" | "timeoutMs" | "functionMs" | "effect" | "onDoubt">;

/** The host answers at the task's deadline; its function outlives it by this. */
export const HOST_ANSWER_MS = 5_000;

/** How long an agent's own function may work on a task, ms: it may pass on no later. */
export const workTimeMs = ({
  timeoutMs,
  functionMs = timeoutMs,
}: Omit<TimedSpec, "name" | "effect" | "onDoubt">): number => Math.min(timeoutMs, functionMs);

/**
 * How long a function that hosts these agents may run, ms: the sum of their timeouts (of one that may answer later, its `functionMs`), so that it can
 * go on with the next task, but no longer than until the first claim of one of them counts as in doubt, whose holder must be dead by then. Of one agent its timeout; 5 s more
 * to answer in each case; 15 minutes at most.
 */
export function hostTimeMs(specs: readonly TimedSpec[]): number {
  const timeouts = specs.map(workTimeMs);
  const sum = timeouts.reduce((all, timeoutMs) => all + timeoutMs, 0);
  const longest = Math.max(...timeouts) + HOST_ANSWER_MS;
  const most = Math.min(sum + HOST_ANSWER_MS, claimedTimeMs(specs));
  return Math.min(MAX_TIMEOUT_MS, Math.max(longest, most));
}

/** The longest time of a function that is certainly dead when a claim made in it counts as in doubt; endless without an effect. */
export function claimedTimeMs(specs: readonly TimedSpec[]): number {
  // What may be repeated may have two holders.
  const claims = specs.filter(({ effect, onDoubt }) => effect === "once" && onDoubt !== "repeat");
  return Math.min(...claims.map(({ timeoutMs }) => timeoutMs + CLAIM_GRACE_MS - HOST_ANSWER_MS));
}

/** How long the function of each of these agents may run, ms. */
export function functionTimes(
  specs: readonly (TimedSpec & Pick<ContractSpec, "group">)[],
): (agent: string) => number {
  const times = new Map<string, number>(
    specs.map((spec) => [spec.name, hostTimeMs(specs.filter((other) => shareFunction(other, spec)))]),
  );
  return (agent) => times.get(agent) ?? HOST_ANSWER_MS;
}

/** Whether one function hosts both agents; an agent shares its own. */
export const shareFunction = (one: HostedSpec, other: HostedSpec): boolean =>
  one.name === other.name || (one.group !== undefined && one.group === other.group);

type HostedSpec = Pick<ContractSpec, "name" | "group">;
