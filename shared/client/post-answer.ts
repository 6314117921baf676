import { problemError } from "#core/errors.ts";
import type { TaskCallback } from "#core/later.ts";
import type { AgentOutcome } from "#core/session/input.ts";
import { apiError } from "./api-error.ts";
import { proofOf, type TaskAnswered } from "./answer-task.ts";

const TIMEOUT_MS = 20_000;

/**
 * Answers a task that its agent passed on at the deployment's public endpoint for answers, without a signature: the callback's token alone
 * proves the attempt. Throws `ApiError` for what is refused: 403 for a callback that proves nothing, 429 and 503 where trying again later
 * makes sense; sending it again is harmless.
 *
 * @example
 * const { type } = await postAnswer(callback, { status: "ok", result: { pages: 12 } });
 */
export async function postAnswer(callback: TaskCallback, outcome: AgentOutcome): Promise<TaskAnswered> {
  const { url } = callback;
  if (url === undefined)
    throw problemError("answer.malformed", {
      field: "callback.url",
      problem: "is missing: the deployment has no public endpoint for answers",
      repair: "Deploy it with `callbacks`, or use answerTask, which signs its call.",
    });
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...proofOf(callback), outcome }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const { status } = response;
  const body = await response.text();
  if (status !== 200)
    throw apiError({ status, headers: {}, body }, { name: "The endpoint for answers", grant: "nothing" });
  return JSON.parse(body) as TaskAnswered; // what the endpoint says it answers
}
