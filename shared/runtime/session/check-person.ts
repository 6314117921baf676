import { problemsText, type Problem } from "#core/problems.ts";
import { standardShape } from "#core/flow/shape.ts";
import type { Application } from "#core/flow/compile.ts";
import { findAsk, openAskIds } from "#core/session/decide/asked.ts";
import { startDraft, type FlowBook } from "#core/session/decide/draft.ts";
import { refused, type Verdict } from "#core/session/decide/verdict.ts";
import type { HumanInput } from "#core/session/input.ts";
import type { Seen } from "#core/session/seen.ts";
import type { SessionState } from "#core/session/state.ts";
import { asJson, validate } from "./validate.ts";

export interface CheckedPerson {
  readonly input: HumanInput;
  readonly problems: readonly Problem[];
  /** Where it does not fit. */
  readonly verdict?: Verdict;
}

/** Holds a person's answer against the schema of its question. What does not fit is refused, and the question stays open. */
export async function checkPerson(
  application: Application,
  state: SessionState,
  input: HumanInput,
  { seen, book }: { readonly seen: Seen; readonly book: FlowBook },
): Promise<CheckedPerson> {
  const { question } = findAsk(startDraft(state, seen, book), input.ask) ?? {};
  const schema = question === undefined ? undefined : application.answerSchema(question);
  if (schema === undefined) return { input, problems: [] };
  const fitting = await validate(schema, input.value, "value");
  const checked = fitting.ok ? asJson(fitting.value, "value") : fitting;
  if (checked.ok) return { input: { ...input, value: checked.value }, problems: [] };
  const wrong = problemsText(checked.problems);
  const shape = standardShape(schema);
  const message = [
    `The answer does not fit the question "${question}". ${wrong}.`,
    ...(shape === undefined ? [] : [`It takes ${JSON.stringify(shape)}.`]),
    `Open questions: ${openAskIds(state).join(", ")}.`,
  ].join(" ");
  return { input, problems: checked.problems, verdict: refused("input.schema", message) };
}
