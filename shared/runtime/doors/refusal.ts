import { SpineError, type Problem, type SpineErrorCode } from "#core/errors.ts";
import type { Verdict } from "#core/session/decide/verdict.ts";

interface Advice {
  readonly field: string;
  readonly repair: string;
}

const IN_BODY: Advice = { field: "body", repair: "Correct what the message names." };

/** Which field of an input a refusal is about, and what its sender can do. */
const ADVICE: Partial<Record<SpineErrorCode, Advice>> = {
  "input.conflict": { field: "id", repair: "Use a new id for a new event; repeat an old one unchanged." },
  "input.ordinal": { field: "ordinal", repair: "Number the events of a session from 1, each number once." },
  "input.malformed": { field: "value", repair: "Give a value of the form that the message shows." },
  "session.stopped": { field: "session", repair: "Begin a new session." },
  "session.full": { field: "session", repair: "Try again later, or spread the events over sessions." },
  "effect.undeclared": {
    field: "op",
    repair: 'Answer without a claim, or give the contract effect: "once".',
  },
  "task.settled": {
    field: "attempt",
    repair: "Name an attempt that waits for its retry; the session's explanation lists them.",
  },
  "run.ended": {
    field: "run",
    repair: "Name a run in progress; the session's explanation lists them.",
  },
  "signal.undeclared": {
    field: "name",
    repair: "Send one of the names that the agent's contract declares, or declare this one.",
  },
  "question.closed": {
    field: "ask",
    repair: "Answer an open question; the session's explanation lists them.",
  },
};

/** What a session refused, as its sender is told it. `given` problems are those that were found in its fields. */
export function refusalError(
  { code, message, retryable }: Extract<Verdict, { readonly type: "refused" }>,
  given: readonly Problem[] = [],
): SpineError {
  if (given.length > 0) return new SpineError(code, message, { retryable, problems: given });
  const { field, repair } = ADVICE[code] ?? IN_BODY;
  return new SpineError(code, `${message} ${repair}`, {
    retryable,
    problems: [{ field, problem: message, repair }],
  });
}
