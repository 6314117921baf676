import { findAsk, openAskIds } from "./asked.ts";
import { emit, type Draft } from "./draft.ts";

/** Takes what people answered in the origin for the same questions. Only forks in which nothing was changed have such answers. */
export function reuseAnswers(draft: Draft): void {
  const answers = draft.state.fork?.recorded.filter((one) => one.kind === "person") ?? [];
  if (answers.length === 0) return;
  for (const ask of openAskIds(draft.state)) {
    const found = findAsk(draft, ask);
    const answer = answers.find(
      ({ run, step, question }) => found?.run === run && found.step === step && found.question === question,
    );
    if (found === undefined || answer === undefined) continue;
    const { run, step, slot, task } = found;
    const id = `${ask}/reused`;
    const { value, at: from } = answer;
    const input = { kind: "human", source: FORK_SOURCE, id, hash: "", correlation: id, ask, value } as const;
    emit(draft, "HumanAnswered", { run, step, slot, ...(task !== undefined && { task }), input, from });
  }
}

/** Stands where an answer of the origin has who gave it. */
const FORK_SOURCE = "spine:fork";
