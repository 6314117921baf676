import { canonicalJson, isJsonObject, sameJson, type Json } from "#core/json.ts";
import type { RecordedEvent, SessionEventType } from "#core/session/events.ts";
import type { History } from "./checks/history.ts";
import type { Violation } from "./checks/violation.ts";

/** After one of these, time or chance had a say in the outcome. */
const CHANCY: ReadonlySet<SessionEventType> = new Set<SessionEventType>([
  // What it begins with goes by when it was forked.
  "SessionForked",
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
  "SessionDeadlineSet",
]);

/**
 * Whether policy says that a session ends as it does without faults: nothing ran out of time, was fenced, stale, in
 * doubt, given up or commanded, every join waited for all its branches, and no run was under way beside another.
 */
export function isDetermined({ events, record }: History): boolean {
  if (record.restored || record.expiredAt !== undefined) return false;
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
    case "DoubtSettled":
      return [event.type, event.data.step, event.data.input.value];
    case "RunQueued":
      return [event.type, event.data.name, event.data.flow];
    case "RunStarted":
      // By the rule of its form.
      return [event.type, event.data.sheet !== undefined];
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

/** Events with which time or a policy may lead a session to another end. */
const TURNS: ReadonlySet<SessionEventType> = new Set<SessionEventType>([
  ...CHANCY,
  "FallbackTaken",
  "TaskSkipped",
  "TaskFailed",
  "StepFailed",
  "RunFailed",
  "RunCancelled",
  "CompensationStarted",
  "JoinDecided",
  "ChoiceMade",
]);
/** In a session with one input an attempt that is given up leads nowhere else: the next one is asked the same. */
const HARMLESS: ReadonlySet<SessionEventType> = new Set<SessionEventType>([
  "AttemptTimedOut",
  "DeadLetterRecorded",
]);

/** What a failed run says in words may name runs, whose ids are others each time. */
const codeOf = (body: Json): Json => (isJsonObject(body) ? (body["code"] ?? null) : body);

/** Context and replies: what a session comes to. */
function endOf({ events, final }: History): Json {
  const causes = new Map<number, Json>();
  const replies: Json[] = [];
  for (const { type, sequence, data } of events) {
    if (type === "InputAccepted") causes.set(sequence, [data.input.source, data.input.id]);
    else if (type === "EventEmitted") causes.set(sequence, data.type);
    else if (type === "ReplySent")
      replies.push([
        causes.get(data.to) ?? null,
        data.failed ? codeOf(data.body) : data.body,
        data.failed ?? false,
      ]);
  }
  return [final.context, replies.map((reply) => canonicalJson(reply)).sort()];
}

/**
 * Whether a session ended with the same context and replies as another run of it; `policy` where it did not, but its log
 * says that time or a policy turned it.
 */
export function compareEnds(stormy: History, calm: History): "same" | "policy" | "different" {
  if (sameJson(endOf(stormy), endOf(calm))) return "same";
  return turnsOf(stormy) !== turnsOf(calm) || storyOf(stormy) !== storyOf(calm) ? "policy" : "different";
}

function turnsOf({ events }: History): string {
  const alone = events.filter(({ type }) => type === "InputAccepted").length === 1;
  const steps = new Map(
    events.flatMap(({ type, data }) => (type === "TaskCreated" ? [[data.task, data.step] as const] : [])),
  );
  const turns = events.flatMap(({ type, data }) => {
    if (!TURNS.has(type) || (alone && HARMLESS.has(type))) return [];
    // Whose work was fenced decides who answers last, and with that the reply.
    const where = "step" in data ? data.step : "task" in data ? (steps.get(data.task) ?? "") : "";
    if (type === "JoinDecided") return [canonicalJson([type, where, [...data.winners].sort()])];
    return [type === "ChoiceMade" ? canonicalJson([type, where, data.branch]) : `${type} ${where}`];
  });
  return turns.sort().join("\n");
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
