import type { ContractSpec } from "../../contract.ts";
import type { Place } from "../places.ts";
import type { SessionState, TaskState } from "../state.ts";
import type { Draft, Hand } from "./draft.ts";

/** A task, where it stands in its run's plan, and the contract of the agent that works on it. */
interface Work {
  readonly task: TaskState;
  readonly place: Place;
  readonly contract: ContractSpec;
}

/** The host of an agent that answers this task, if it can go on with another one of its group. */
export function handOf({ seen }: Draft, { task, place, contract }: Work): Hand | undefined {
  const { nextWithinMs: withinMs } = seen;
  const { group } = contract;
  if (withinMs === undefined || group === undefined) return undefined;
  return { by: attemptOf(task), group, lane: place.run.lane, withinMs };
}

/**
 * The attempt whose host is handed this task, if it is one for it: the first plain task of the same group and lane that ends in its
 * time. What finds out about an effect, or undoes one, takes the queue, and so does the call that finds out whether an agent is back.
 */
export function takeHand(
  draft: Draft,
  { task, place, contract }: Work,
  deadline: number,
): string | undefined {
  const { hand } = draft;
  if (hand === undefined || contract.group !== hand.group || place.run.lane !== hand.lane) return undefined;
  const isPlain = task.asking === undefined && task.undoes === undefined && !place.crowded;
  if (!isPlain || draft.seen.breakers?.[contract.name] !== undefined) return undefined;
  if (deadline - draft.now > hand.withinMs) return undefined;
  draft.hand = undefined;
  return hand.by;
}

/** The task that an attempt's answer handed over, while that attempt of it is current and has claimed no effect. */
export function handedBy(
  { tasks }: SessionState,
  ref: { readonly task: string; readonly attempt: number },
): TaskState | undefined {
  const by = attemptOf({ id: ref.task, attempt: ref.attempt });
  return Object.values(tasks).find(({ phase }) => phase.name === "dispatched" && phase.handedBy === by);
}

const attemptOf = ({ id, attempt }: { readonly id: string; readonly attempt: number }): string =>
  `${id}/${attempt}`;
