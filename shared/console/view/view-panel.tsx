import { useState } from "preact/hooks";
import type { OutlineEvent } from "../model/event-outline.ts";
import { counted, stepText } from "../model/texts.ts";
import type { ViewRead } from "../api/console-client.ts";
import { events } from "../state/open-session.ts";
import { client } from "../state/console-page.ts";
import { useResource } from "../state/resource.ts";
import { CommandLine, Empty, EventLink, ShortJson, Trouble, WholeJson } from "./parts.tsx";
import { WrittenBy } from "./why-panel.tsx";

/** What an agent saw when it was called, beside what is true now. */
export function ViewPanel({ session, event }: { readonly session: string; readonly event: OutlineEvent }) {
  const attempts = attemptsUpTo(events.value, event);
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const key = chosen ?? keyOf(attempts.find((one) => isOf(one, event)) ?? attempts[0]);
  const attempt = attempts.find((one) => keyOf(one) === key);
  const { value, error } = useResource(attempt === undefined ? undefined : `${session} ${key}`, () =>
    client.view(session, attempt?.task ?? "", attempt?.attempt ?? 1),
  );
  if (attempt === undefined) return <Empty>No agent was called up to this event.</Empty>;
  return (
    <>
      <label class="line">
        Attempt
        <select value={key} onChange={({ currentTarget }) => setChosen(currentTarget.value)}>
          {attempts.slice(0, 50).map((one) => (
            <option key={keyOf(one)} value={keyOf(one)}>
              {`#${one.sequence} ${one.agent ?? ""}, attempt ${one.attempt ?? 1}`}
            </option>
          ))}
        </select>
      </label>
      {error !== undefined && <Trouble error={error} missing="This deployment shows no views." />}
      {value === undefined && error === undefined && <Empty>Reading…</Empty>}
      {value !== undefined && <ComparedView read={value} />}
      <CommandLine
        name="view"
        words={[session, attempt.task ?? "", "--attempt", String(attempt.attempt ?? 1)]}
      />
    </>
  );
}

/** A view as it was, and each path of it that is another one now. */
export function ComparedView({ read }: { readonly read: ViewRead }) {
  const { agent, step, asOf, nowAt, isOver, changed, view } = read;
  return (
    <section class="card">
      <h3>
        {agent} <code>{stepText(step)}</code> saw event <EventLink sequence={asOf} />
      </h3>
      <p>
        {isOver ? "Its run has ended. " : ""}
        {changed.length === 0
          ? `All of it is still so at event ${nowAt}.`
          : `${counted(changed.length, "fact")} changed since, up to event ${nowAt}:`}
      </p>
      {changed.length > 0 && (
        <table class="diff">
          <thead>
            <tr>
              <th scope="col">path</th>
              <th scope="col">then</th>
              <th scope="col">now</th>
              <th scope="col">written by</th>
            </tr>
          </thead>
          <tbody>
            {changed.map(({ path, then, now, writtenAt }) => (
              <tr key={path}>
                <td>
                  <code>{path}</code>
                </td>
                <td class="before">
                  <ShortJson value={then} />
                </td>
                <td class="after">
                  <ShortJson value={now} />
                </td>
                <td>
                  <WrittenBy sequence={writtenAt} read={read} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <details>
        <summary>The whole view, as of event {asOf}</summary>
        <WholeJson value={view} label="The whole view" />
      </details>
    </section>
  );
}

const keyOf = (event: OutlineEvent | undefined): string =>
  event === undefined ? "" : `${event.task ?? ""}/${event.attempt ?? 1}`;
const isOf = (attempt: OutlineEvent, { task, attempt: number }: OutlineEvent): boolean =>
  task !== undefined && attempt.task === task && (number === undefined || attempt.attempt === number);

/** The attempts that began by an event, the newest first. */
const attemptsUpTo = (all: readonly OutlineEvent[], event: OutlineEvent): readonly OutlineEvent[] =>
  all.filter(({ type, sequence }) => type === "AttemptDispatched" && sequence <= event.sequence).toReversed();
