import type { RecordedEvent } from "#core/session/events.ts";
import { attemptName } from "../sim-names.ts";
import type { History } from "./history.ts";

/** When each attempt was over. */
export function endTimes({ commits, record }: History): ReadonlyMap<string, number> {
  const endedAt = new Map<string, number>();
  for (const [place, { events }] of commits.entries()) {
    const at = record.appended[place]?.at ?? 0;
    for (const event of events) {
      const attempt = endedAttempt(event);
      if (attempt !== undefined && !endedAt.has(attempt)) endedAt.set(attempt, at);
    }
  }
  return endedAt;
}

function endedAttempt(event: RecordedEvent): string | undefined {
  switch (event.type) {
    case "AttemptFailed":
      return event.data.held === true ? undefined : attemptName(event.data);
    case "AnswerApplied":
    case "AnswerStale":
    case "AttemptTimedOut":
    case "AttemptFenced":
    case "ClaimRefused":
    case "EffectInDoubt":
      return attemptName(event.data);
    default:
      return undefined;
  }
}
