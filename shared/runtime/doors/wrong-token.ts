import { SpineError } from "#core/errors.ts";

/** Whoever asks cannot prove that it works on the attempt. */
export function wrongToken(): SpineError {
  const repair = "Send back tenant, session, task, attempt and token exactly as the task carried them.";
  return new SpineError("task.token", `The token does not prove this attempt. ${repair}`, {
    problems: [{ field: "token", problem: "does not prove this attempt", repair }],
  });
}
