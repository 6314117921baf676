import type { RecordedEvent } from "#core/session/events.ts";

/** By which way an input came to its session. */
export const INPUT_KINDS = ["request", "bus", "answer", "claim", "deadline", "letter"] as const;
export type InputKind = (typeof INPUT_KINDS)[number];

/** Who calls ingress is known by an ARN; what comes by spine-in, by account and source. */
const CALLER = /^arn:/;

/** The way, by the first event that the input caused. Whatever no other input begins with, a deadline does. */
export function kindOfInput({ type, data }: RecordedEvent): InputKind {
  switch (type) {
    case "InputAccepted":
    case "InputHeld":
      return CALLER.test(data.input.source) ? "request" : "bus";
    case "InputQuarantined":
      return CALLER.test(data.source) ? "request" : "bus";
    case "CommandGiven":
    case "HumanAnswered":
    case "DoubtSettled":
    case "TaskSignalled":
    case "SignalIgnored":
      return "request";
    case "AnswerApplied":
    case "AnswerStale":
    case "AnswerUnusable":
    case "AnswerLate":
    case "AttemptFailed":
      return "answer";
    case "EffectClaimed":
    case "ClaimRefused":
      return "claim";
    case "DeadLetterRecorded":
      return "letter";
    default:
      return "deadline";
  }
}
