import { useCallback } from "preact/hooks";
import { counted, span, stepText } from "../model/texts.ts";
import type { OpenQuestion } from "../api/console-client.ts";
import { address, client, go } from "../state/console-page.ts";
import { useEvery, useResource } from "../state/resource.ts";
import { useKeys } from "../state/key-actions.ts";
import { AnswerForm } from "./answer-form.tsx";
import { Empty, SessionLink, Trouble } from "./parts.tsx";
import { RowList, type Column } from "./row-list.tsx";
import { Status } from "./shape.tsx";

const COLUMNS: readonly Column[] = [
  { name: "due", class: "c-due" },
  { name: "session", class: "c-session" },
  { name: "question", class: "c-rest" },
];
const POLL_MS = 4_000;

/** Every open question, the one that is due first on top, and a form to answer it. */
export function PeoplePage() {
  const { value = [], error, isLoading, reload } = useResource("questions", () => client.questions());
  useEvery(
    POLL_MS,
    useCallback(() => reload(), [reload]),
  );
  const view = address.value;
  const [session, ask] = view.page === "people" ? [view.session, view.ask] : [undefined, undefined];
  const found = value.findIndex((one) => one.session === session && one.ask === ask);
  const open = value[found];
  const choose = (index: number): void => {
    const question = value[Math.max(0, Math.min(value.length - 1, index))];
    if (question !== undefined)
      go({ page: "people", session: question.session, ask: question.ask }, { replace: true });
  };
  useKeys([
    { key: "j", about: "the next question", act: () => choose(found + 1) },
    { key: "k", about: "the question before", act: () => choose(found - 1) },
  ]);
  return (
    <main class="page people">
      <h1 class="hidden">Questions to people</h1>
      {error !== undefined && (
        <Trouble
          error={error}
          missing="This deployment has no list of questions. A session's own are on its page."
        />
      )}
      <div class="halves">
        <section class="left" aria-label="Open questions">
          <div class="bar-line">
            <span class="faint" role="status">
              {isLoading ? "reading…" : error === undefined ? counted(value.length, "open question") : ""}
            </span>
          </div>
          <RowList
            label="Open questions"
            columns={COLUMNS}
            count={value.length}
            selected={found}
            onSelect={choose}
            cells={(row) => cellsOf(value[row])}
          />
        </section>
        <aside class="inspector" aria-label="The question">
          {open === undefined ? (
            <Empty>{ask === undefined ? "Choose a question." : "This question is not open any more."}</Empty>
          ) : (
            <AnswerForm key={`${open.session} ${open.ask}`} question={open} onDone={reload} />
          )}
        </aside>
      </div>
    </main>
  );
}

function cellsOf(question: OpenQuestion | undefined) {
  if (question === undefined) return [];
  const left = question.dueAt - Date.now();
  return [
    left > 0 ? (
      <span class={left < 300_000 ? "bad" : ""}>{span(left)}</span>
    ) : (
      <Status name="problem" word="expired" />
    ),
    <SessionLink session={question.session} at={question.askedAt} />,
    <button type="button" class="link">
      {question.question ?? `${question.flow ?? ""} ${stepText(question.step ?? "")}`}
    </button>,
  ];
}
