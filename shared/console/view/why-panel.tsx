import type { Alternative, ExplainedChoice, ExplainedStaleness } from "#core/session/explain-decision.ts";
import type { OutlineEvent } from "../model/event-outline.ts";
import { stepText } from "../model/texts.ts";
import type { DecisionRead } from "../api/console-client.ts";
import { client } from "../state/console-page.ts";
import { useResource } from "../state/resource.ts";
import { CommandLine, Empty, EventLink, ShortJson, Trouble, WholeJson } from "./parts.tsx";
import { Status, type ShapeName } from "./shape.tsx";

const OUTCOMES: Readonly<
  Record<Alternative["outcome"], { readonly shape: ShapeName; readonly word: string }>
> = {
  taken: { shape: "yes", word: "taken" },
  held: { shape: "yes", word: "held" },
  "did-not-hold": { shape: "no", word: "did not hold" },
  failed: { shape: "problem", word: "failed" },
  "not-asked": { shape: "unasked", word: "not asked" },
};

/** Why the input that an event belongs to led to what it did. */
export function WhyPanel({ session, event }: { readonly session: string; readonly event: OutlineEvent }) {
  // All events of an input have one answer.
  const { value, error } = useResource(`${session} ${event.cause}`, () =>
    client.decision(session, event.cause),
  );
  if (error !== undefined)
    return <Trouble error={error} missing="This deployment does not explain decisions." />;
  if (value === undefined) return <Empty>Reading…</Empty>;
  return (
    <>
      <section class="card">
        <h3>The input</h3>
        <p>
          <EventLink sequence={event.cause} /> {value.events[0]?.type} <span class="faint">from</span>{" "}
          {value.input.source}
        </p>
        <p class="led">
          <span class="faint">led to</span>{" "}
          {value.events.slice(1, 13).map(({ sequence, type }) => (
            <span key={sequence} class={sequence === event.sequence ? "caused this" : "caused"}>
              <EventLink sequence={sequence} /> {type}
            </span>
          ))}
          {value.events.length > 13 && (
            <span class="faint">and {value.events.length - 13} more, see the table</span>
          )}
          {value.events.length === 1 && <span class="faint">nothing more</span>}
        </p>
      </section>
      {value.stale.map((stale) => (
        <StaleCard key={stale.sequence} stale={stale} read={value} />
      ))}
      {value.choices.map((choice) => (
        <ChoiceCard key={choice.sequence} choice={choice} read={value} />
      ))}
      {value.choices.length === 0 && value.stale.length === 0 && (
        <Empty>Plain progress: nothing was decided between alternatives.</Empty>
      )}
      <details>
        <summary>What deciding saw</summary>
        <WholeJson value={value.seen} label="What deciding saw" />
      </details>
      <CommandLine name="why" words={[session, String(event.sequence)]} />
    </>
  );
}

const KINDS = { branch: "Which way", trigger: "Which flows start", wait: "Does the step take it" } as const;

function ChoiceCard({ choice, read }: { readonly choice: ExplainedChoice; readonly read: DecisionRead }) {
  return (
    <section class="card">
      <h3>
        {KINDS[choice.kind]} {choice.step !== undefined && <code>{stepText(choice.step)}</code>}{" "}
        <EventLink sequence={choice.sequence} />
      </h3>
      <ul class="ways">
        {choice.alternatives.map((way) => (
          <li key={way.name} class={`way ${way.outcome}`}>
            <Status name={OUTCOMES[way.outcome].shape} word={OUTCOMES[way.outcome].word} />
            <span class="way-name">{stepText(way.name)}</span>
            {way.condition !== undefined && <code>{way.condition}</code>}
            {way.error !== undefined && <span class="bad">{way.error}</span>}
          </li>
        ))}
      </ul>
      {choice.values.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">read</th>
              <th scope="col">value</th>
              <th scope="col">written by</th>
            </tr>
          </thead>
          <tbody>
            {choice.values.map(({ path, value, writtenAt }) => (
              <tr key={path}>
                <td>
                  <code>{path}</code>
                </td>
                <td>
                  <ShortJson value={value} />
                </td>
                <td>
                  <WrittenBy sequence={writtenAt} read={read} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

export const WrittenBy = ({
  sequence,
  read,
}: {
  readonly sequence: number;
  readonly read: Pick<DecisionRead, "writers">;
}) => (
  <>
    <EventLink sequence={sequence} /> <span class="faint">{read.writers[sequence]?.source ?? ""}</span>
  </>
);

function StaleCard({ stale, read }: { readonly stale: ExplainedStaleness; readonly read: DecisionRead }) {
  return (
    <section class="card stale">
      <h3>
        <Status name="problem" word="Stale" /> the answer of {stale.agent}, attempt {stale.attempt}
      </h3>
      <p>
        It saw the session as of <EventLink sequence={stale.asOf} />. What it read was written since:
      </p>
      <ul>
        {stale.changed.map(({ path, writtenAt }) => (
          <li key={path}>
            <code>{path}</code> by <WrittenBy sequence={writtenAt} read={read} />
          </li>
        ))}
      </ul>
    </section>
  );
}
