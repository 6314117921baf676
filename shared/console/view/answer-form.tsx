import { useMemo, useState } from "preact/hooks";
import { fieldsOf, formValue, parsedJson, type FormField, type FormValue } from "../model/form-fields.ts";
import { stateChanges } from "../model/state-paths.ts";
import { counted, dayTime, span, stepText } from "../model/texts.ts";
import type { OpenQuestion } from "../api/console-client.ts";
import { client } from "../state/console-page.ts";
import { refusedBy, useResource } from "../state/resource.ts";
import { CommandLine, Empty, SessionLink, ShortJson, Trouble, WholeJson } from "./parts.tsx";

const MOST_CHANGES = 30;

/** Answers a question: with what the session held when it was asked, and what has changed since. */
export function AnswerForm({
  question,
  onDone,
}: {
  readonly question: OpenQuestion;
  readonly onDone: () => void;
}) {
  const { session, ask, askedAt, dueAt, schema } = question;
  const fields = useMemo(() => fieldsOf(schema), [schema]);
  const [given, setGiven] = useState<Readonly<Record<string, string>>>({});
  const [text, setText] = useState("");
  const [told, setTold] = useState("");
  const [bad, setBad] = useState<string | undefined>(undefined);
  // One id for as long as the form is open: sending it twice answers once.
  const [id] = useState(() => `${ask}/${crypto.randomUUID()}`);
  const isLate = dueAt <= Date.now();
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    const value: FormValue = fields === undefined ? freeValue(text) : formValue(fields, given);
    setBad(value.ok ? undefined : value.field);
    if (!value.ok) return setTold(value.problem);
    try {
      await client.answer(session, ask, id, value.value);
      setTold("The answer is recorded.");
      onDone();
    } catch (error) {
      setTold(refusedBy(error).message);
    }
  };
  return (
    <form class="stack" onSubmit={(event) => void send(event)}>
      <h2>{question.question ?? "A question to a person"}</h2>
      <p class="faint">
        <SessionLink session={session} at={askedAt} /> · {question.flow ?? ""}{" "}
        {question.step !== undefined && stepText(question.step)} ·{" "}
        {isLate ? "expired" : `until ${dayTime(dueAt)}, in ${span(dueAt - Date.now())}`}
      </p>
      <Since session={session} askedAt={askedAt} />
      {fields === undefined ? (
        <label>
          Answer (JSON, or a text)
          <textarea rows={4} value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} />
        </label>
      ) : (
        fields.map((field) => (
          <Field
            key={field.name}
            field={field}
            isBad={field.name === bad}
            value={given[field.name] ?? ""}
            onChange={(value) => setGiven({ ...given, [field.name]: value })}
          />
        ))
      )}
      <div class="line">
        <button type="submit" class="main" disabled={isLate}>
          Answer
        </button>
        <span role="status">{told}</span>
      </div>
      <CommandLine name="answer" words={[session, ask, commandValue(fields, given, text)]} />
    </form>
  );
}

const freeValue = (text: string): FormValue =>
  text.trim() === ""
    ? { ok: false, field: "answer", problem: "The answer is empty." }
    : { ok: true, value: parsedJson(text) ?? text };

function commandValue(
  fields: readonly FormField[] | undefined,
  given: Readonly<Record<string, string>>,
  text: string,
): string {
  if (fields === undefined) return text === "" ? "VALUE" : text;
  const value = formValue(fields, given);
  return value.ok ? JSON.stringify(value.value) : "VALUE";
}

/** What the person is to know before answering: the session as of the question, and what is another value now. */
function Since({ session, askedAt }: { readonly session: string; readonly askedAt: number }) {
  const { value, error } = useResource(`${session} ${askedAt}`, () =>
    Promise.all([client.state(session, askedAt), client.state(session)] as const),
  );
  if (error !== undefined) return <Trouble error={error} missing="The session cannot be read." />;
  if (value === undefined) return <Empty>Reading the session…</Empty>;
  const [then, now] = value;
  // The input of the run that asks stays its own, whatever the session was told since.
  const changes = stateChanges(then, now).filter(({ path }) => !/^input(?:\.|$)/.test(path));
  return (
    <section class="card">
      <h3>
        {changes.length === 0
          ? "Nothing changed since it was asked"
          : `${counted(changes.length, "fact")} changed since`}
      </h3>
      {changes.length > 0 && (
        <table class="diff">
          <thead>
            <tr>
              <th scope="col">path</th>
              <th scope="col">when asked</th>
              <th scope="col">now</th>
            </tr>
          </thead>
          <tbody>
            {changes.slice(0, MOST_CHANGES).map(({ path, run, one, other }) => (
              <tr key={`${run ?? ""} ${path}`}>
                <td>
                  <code>{path}</code>
                </td>
                <td class="before">
                  <ShortJson value={one} />
                </td>
                <td class="after">
                  <ShortJson value={other} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {changes.length > MOST_CHANGES && (
        <p class="faint">and {changes.length - MOST_CHANGES} more: see the session</p>
      )}
      <details>
        <summary>The session as of the question, event {askedAt}</summary>
        <WholeJson
          value={{
            ...then.context,
            ...Object.assign({}, ...Object.values(then.sheets).map(({ context }) => context)),
          }}
          label="The session as of the question"
        />
      </details>
    </section>
  );
}

interface FieldProps {
  readonly field: FormField;
  readonly isBad: boolean;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Field({ field: { label, kind, choices, about, isRequired }, isBad, value, onChange }: FieldProps) {
  const change = ({ currentTarget }: { readonly currentTarget: { readonly value: string } }): void =>
    onChange(currentTarget.value);
  const name = `${label}${isRequired ? "" : " (optional)"}`;
  return (
    <label class={isBad ? "bad" : ""}>
      {name}
      {about !== undefined && <span class="faint"> {about}</span>}
      {kind === "choice" || kind === "boolean" ? (
        <select value={value} onChange={change} aria-invalid={isBad}>
          <option value="">choose…</option>
          {(kind === "boolean" ? ["true", "false"] : choices).map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : kind === "number" ? (
        <input type="number" step="any" value={value} onInput={change} aria-invalid={isBad} />
      ) : (
        <textarea
          rows={kind === "json" ? 4 : 2}
          value={value}
          onInput={change}
          aria-invalid={isBad}
          placeholder={kind === "json" ? "JSON" : ""}
        />
      )}
    </label>
  );
}
