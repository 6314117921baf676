import type { Commit } from "../commit.ts";
import type { RecordedEvent } from "../events.ts";

type Type = RecordedEvent["type"];

/** What an event meets, or a fork brings: with the event it is one fact. */
const DELIVERS: ReadonlySet<Type> = new Set([
  "FlowStored",
  "RunQueued",
  "RunRejected",
  "WaitSatisfied",
  "EventKept",
  "RunCarried",
  "EventCarried",
]);

/** These say what happened, and what becomes of it is said by the next one: alone it would be decided once more. */
const TOLD_IN_TWO: ReadonlySet<Type> = new Set([
  "ReplySent",
  "AttemptFailed",
  "AttemptTimedOut",
  "AgentUnavailable",
  "AnswerStale",
  "AnswerUnusable",
  "ClaimRefused",
  "EffectInDoubt",
  "FallbackTaken",
  "BudgetExhausted",
  "WaitExpired",
  "HumanExpired",
  "JoinDecided",
]);
const TELLS_THE_REST: ReadonlySet<Type> = new Set([
  "StepCompleted",
  "StepFailed",
  "RetryScheduled",
  "FallbackTaken",
  "ValueFilled",
  "TaskSkipped",
  "TaskFailed",
  "HumanAsked",
  "AttemptFenced",
  "StepCancelled",
]);

/**
 * The first event from `at` on as of which a session can be taken over. What one input causes is decided step by step from the state, so that
 * a fork goes on from nearly everywhere; in the middle of what is one fact, it would lose the rest of it, or decide it twice.
 */
export function wholeAt({ events }: Pick<Commit, "events">, at: number): number {
  const isFork = events[0]?.type === "SessionForked";
  let whole = at;
  for (const [index, { sequence, type }] of events.entries()) {
    if (sequence <= whole) continue;
    const before = events[index - 1]?.type;
    const brings = DELIVERS.has(type) || (isFork && type === "InputHeld");
    const goesOn = before !== undefined && TOLD_IN_TWO.has(before) && TELLS_THE_REST.has(type);
    if (!brings && !goesOn) break;
    whole = sequence;
  }
  return whole;
}
