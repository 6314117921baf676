import type { Application } from "#core/flow/compile.ts";
import { problemsText, type Problem } from "#core/problems.ts";
import type { AnswerInput } from "#core/session/input.ts";
import { MAX_ANSWER_BYTES } from "#core/session/limits.ts";
import type { SessionState } from "#core/session/state.ts";
import { utf8Length } from "#core/json.ts";
import { asJson, validate } from "./validate.ts";

export interface CheckedAnswer {
  readonly input: AnswerInput;
  readonly problems: readonly Problem[];
}

/** Holds an answer against its agent's contract. One that breaks it becomes a failed answer: the retry policy decides. */
export async function checkAnswer(
  application: Application,
  state: SessionState,
  input: AnswerInput,
): Promise<CheckedAnswer> {
  const { outcome } = input;
  if (outcome.status !== "ok") return { input, problems: [] };
  const bytes = utf8Length(JSON.stringify(outcome.result));
  if (bytes > MAX_ANSWER_BYTES) {
    const problem = `has ${bytes} bytes; at most ${MAX_ANSWER_BYTES} are allowed`;
    return broken(input, "answer.too-large", [
      { field: "result", problem, repair: "Store large values elsewhere and answer with a reference." },
    ]);
  }
  const task = state.tasks[input.task];
  const contract = task === undefined ? undefined : application.contracts.get(task.agent);
  if (contract === undefined) return { input, problems: [] };
  const checked = await validate(contract.output, outcome.result, "result");
  if (!checked.ok) return broken(input, "answer.schema", checked.problems);
  const written = asJson(checked.value, "result");
  if (!written.ok) return broken(input, "answer.schema", written.problems);
  return { input: { ...input, outcome: { ...outcome, result: written.value } }, problems: [] };
}

function broken(input: AnswerInput, code: string, problems: readonly Problem[]): CheckedAnswer {
  const message = problemsText(problems);
  const usage = input.outcome.usage === undefined ? {} : { usage: input.outcome.usage };
  return {
    input: { ...input, outcome: { status: "failed", error: { code, message }, retryable: true, ...usage } },
    problems,
  };
}
