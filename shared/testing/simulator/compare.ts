import { canonicalJson, sameJson, type Json } from "#core/json.ts";
import type { RecordedEvent, SessionEventType } from "#core/session/events.ts";
import type { History } from "./checks/history.ts";
import type { Violation } from "./checks/violation.ts";

/** After one of these, time or chance had a say in the outcome. */
const CHANCY: ReadonlySet<SessionEventType> = new Set<SessionEventType>([
  "AttemptTimedOut",
  "AttemptFenced",
  "AnswerStale",
  "ClaimRefused",
  "EffectInDoubt",
  "WaitExpired",
  "HumanExpired",
  "OrdinalGapRecorded",
  "StepCancelled",
  "AgentUnavailable",
  "BudgetExhausted",
  "CommandGiven",
  "InputQuarantined",
  "DeadLetterRecorded",
  "RunRejected",
]);

/**
 * Whether policy says that a session ends as it does without faults: nothing ran out of time, was fenced, stale, in
 * doubt, given up or commanded, every join waited for all its branches, and no run was under way beside another.
 */
export function isDetermined({ events }: History): boolean {
  let live = 0;
  for (const event of events) {
    if (CHANCY.has(event.type)) return false;
    if (event.type === "JoinDecided" && (event.data.partial || event.data.lingering !== undefined))
      return false;
    if (event.type === "AnswerApplied" && event.data.stale !== undefined) return false;
    if (event.type === "InputAccepted" && event.data.late) return false;
    if (event.type === "RunStarted" && ++live > 1) return false;
    if (event.type === "RunCompleted" || event.type === "RunFailed") live -= 1;
  }
  return true;
}

/** What came in and what ran, in this order; and which attempts failed and what stood in, in any order. */
function storyOf({ events }: History): string {
  const told: Json[] = [];
  const failed: string[] = [];
  const steps = new Map<string, string>();
  for (const event of events) {
    if (event.type === "TaskCreated") steps.set(event.data.task, event.data.step);
    const line = lineOf(event);
    if (line !== undefined) told.push(line);
    // A breaker decides which links of a chain are skipped.
    if (event.type === "FallbackTaken") failed.push(`${steps.get(event.data.task)} link ${event.data.link}`);
    if (event.type === "AttemptFailed")
      failed.push(`${steps.get(event.data.task)} ${event.data.attempt} ${event.data.error.code}`);
  }
  return canonicalJson([told, failed.sort()]);
}

function lineOf(event: RecordedEvent): Json | undefined {
  switch (event.type) {
    case "InputAccepted":
      return [event.data.input.source, event.data.input.id, event.data.input.hash, event.data.disposition];
    case "InputReleased":
      return [event.data.source, event.data.ordinal, event.data.disposition];
    case "HumanAnswered":
      return [event.type, event.data.step, event.data.input.value];
    case "RunQueued":
      return [event.type, event.data.name];
    case "RunStarted":
    case "RunCompleted":
    case "RunFailed":
    case "WaitSatisfied":
      return event.type;
    case "StepFailed":
      return event.data.error.code === "step.timeout" ? null : undefined;
    default:
      return undefined;
  }
}

/** The sessions of a run that policy determines, and those of them that ended otherwise than without faults. */
export function compareWithCalm(
  stormy: readonly History[],
  calm: readonly History[],
): { readonly compared: number; readonly violations: readonly Violation[] } {
  const violations: Violation[] = [];
  let compared = 0;
  for (const history of stormy) {
    const { key } = history.record;
    const other = calm.find(({ record }) => record.key === key);
    if (
      other === undefined ||
      !isDetermined(history) ||
      !isDetermined(other) ||
      storyOf(history) !== storyOf(other)
    )
      continue;
    compared += 1;
    if (!sameJson(history.final.context, other.final.context)) {
      const problem = `${canonicalJson(history.final.context)} instead of ${canonicalJson(other.final.context)}`;
      violations.push({
        promise: "Same as without faults",
        check: "the final context",
        session: key,
        problem,
      });
    }
  }
  return { compared, violations };
}
