import { valueAt } from "#core/context/document.ts";
import { isJsonObject, sameJson, type Json, type JsonObject } from "#core/json.ts";
import { attemptName } from "../names.ts";
import type { Dispatch, History } from "./history.ts";
import type { Report } from "./violation.ts";

/**
 * Results stand on what was true: the values that the contract reads are compared where the view was taken and where
 * the result was applied. Every view is compared with the context that it claims to show.
 */
export function checkFresh({ events, contexts, dispatches, record, inputs }: History, report: Report): void {
  const claims = new Map<string, number>();
  for (const event of events) {
    if (event.type === "EffectClaimed") claims.set(attemptName(event.data), event.sequence);
    if (event.type !== "AnswerApplied" && event.type !== "EffectClaimed") continue;
    const attempt = attemptName(event.data);
    const dispatch = dispatches.get(attempt);
    if (dispatch === undefined) {
      report("Nothing lost", "only committed tasks are answered", `${attempt} was never dispatched`);
      continue;
    }
    // Once an effect is claimed its result is a fact: the claim is what had to be fresh.
    if (event.type === "AnswerApplied" && claims.has(attempt)) continue;
    const changed = changedBetween(dispatch, contexts[dispatch.asOf], contexts[event.sequence - 1]);
    const owned = event.type === "AnswerApplied" ? (event.data.stale ?? []) : changed;
    const unsaid =
      dispatch.contract.onStale === "accept" ? changed.filter((path) => !owned.includes(path)) : changed;
    if (unsaid.length > 0) {
      report(
        "Fresh",
        "reads did not change",
        `${event.type} of ${attempt} at ${event.sequence} stands on ${unsaid.join(", ")} of ${dispatch.asOf}`,
      );
    }
  }
  // Attempts that were lost with a table's last minutes may have had the same number, and another view.
  for (const { task, attempt, view } of record.restored ? [] : record.executions) {
    const dispatch = dispatches.get(attemptName({ task, attempt }));
    const context = dispatch === undefined ? undefined : contexts[dispatch.asOf];
    if (dispatch === undefined || context === undefined) continue;
    checkView(dispatch, context, inputs.get(dispatch.run)?.data, view, report);
  }
}

function changedBetween(
  dispatch: Dispatch,
  then: JsonObject | undefined,
  now: JsonObject | undefined,
): readonly string[] {
  if (then === undefined || now === undefined || then === now) return [];
  return dispatch.contract.reads.filter(
    (path) => isShared(dispatch, path) && !sameJson(valueAt(then, path), valueAt(now, path)),
  );
}

/** Whether a path means the session's own value: not the run's input, an item, or a section that is kept apart for run or item. */
function isShared({ flow, step }: Dispatch, path: string): boolean {
  const section = path.split(".", 1)[0] ?? path;
  if (section === "input" || section === "item") return false;
  const apart = flow.onBusy === "parallel" || step.includes("[");
  return !apart || !flow.sections.includes(section);
}

function checkView(
  dispatch: Dispatch,
  context: JsonObject,
  input: unknown,
  view: JsonObject,
  report: Report,
): void {
  for (const path of dispatch.contract.reads) {
    const isInput = path === "input" || path.startsWith("input.");
    if (!isInput && !isShared(dispatch, path)) continue;
    // A run's input is the event's data, JSON by its schema.
    const source: JsonObject = isInput ? { input: input as Json } : context;
    const meant = valueAt(source, path);
    const shown = isJsonObject(view) ? valueAt(view, path) : undefined;
    // An agent's own schema may read null as nothing.
    if (!sameJson(meant ?? null, shown ?? null)) {
      report(
        "Complete",
        "a view shows its sequence",
        `${dispatch.contract.name} was shown another ${path} than that of ${dispatch.asOf}`,
      );
    }
  }
}
