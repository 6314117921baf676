import { Effect } from "../../contract.ts";
import type { ContractSpec } from "../../contract.ts";
import { sameJson } from "../../json.ts";
import type { AgentOutcomeRecorded } from "../fork/recorded-outcome.ts";
import { viewOf, type Place } from "../places.ts";
import type { TaskState } from "../state.ts";
import { emit, type Draft } from "./draft.ts";

interface Work {
  readonly task: TaskState;
  readonly place: Place;
  readonly contract: ContractSpec;
}

/**
 * In a fork: takes what the agent answered in the origin, where it would see the same here. An effect that it had there is not performed
 * again, whatever it would see, unless the fork was told so. True if the task has its outcome.
 */
export function reuseOutcome(draft: Draft, { task, place, contract }: Work): boolean {
  const { fork } = draft.state;
  if (fork === undefined || task.undoes !== undefined) return false;
  const own = fork.recorded.filter(
    (one): one is AgentOutcomeRecorded =>
      one.kind === "agent" && one.run === task.run && one.step === place.step && one.agent === contract.name,
  );
  if (own.length === 0) return false;
  const view = viewOf(draft.state, place, contract);
  const same = own.find((one) => sameJson(one.view, view));
  const found = same ?? (fork.repeatEffects ? undefined : own.find(({ effect }) => effect));
  if (found === undefined) return false;
  const { at: from, result, confidence, effect } = found;
  emit(draft, "OutcomeReused", {
    task: task.id,
    from,
    result,
    ...(confidence !== undefined && { confidence }),
    ...(effect && { effect }),
    ...(same === undefined && { differs: true }),
  });
  return true;
}

/** Whether the origin claimed this effect, nobody knows what came of it, and the fork was not told to perform it again. */
export const isDoubtful = (
  { state: { fork } }: Pick<Draft, "state">,
  { task, place, contract }: Work,
): boolean =>
  fork !== undefined &&
  contract.effect === Effect.once &&
  fork.repeatEffects !== true &&
  task.undoes === undefined &&
  fork.doubtful.some(({ run, step }) => run === task.run && step === place.step);
