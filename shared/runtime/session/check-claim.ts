import { Effect } from "#core/contract.ts";
import { currentTask } from "#core/session/decide/look.ts";
import { startDraft, type FlowBook } from "#core/session/decide/draft.ts";
import { placeTask } from "#core/session/decide/tasks.ts";
import { refused, type Verdict } from "#core/session/decide/verdict.ts";
import type { ClaimInput } from "#core/session/input.ts";
import type { Seen } from "#core/session/seen.ts";
import type { SessionState } from "#core/session/state.ts";

/**
 * Only an attempt whose contract has an effect claims it: what was claimed counts as a fact, however stale its view is by then.
 * Held here and not where it is decided: logs in which older versions granted such a claim are still decided as they were.
 */
export function checkClaim(
  state: SessionState,
  input: ClaimInput,
  seen: Seen,
  book: FlowBook,
): Verdict | undefined {
  const task = currentTask(state, input);
  if (task === undefined) return undefined;
  const { contract } = placeTask(startDraft(state, seen, book), task.id);
  if (contract.effect === Effect.once) return undefined;
  return refused("effect.undeclared", `The contract of ${task.agent} declares no effect to claim.`);
}
