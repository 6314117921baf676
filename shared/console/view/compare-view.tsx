import { useState } from "preact/hooks";
import type { ComparedSessions, ComparedStep, StepOutcome } from "#client/compare-sessions.ts";
import type { SessionAddress } from "../model/page-address.ts";
import { counted, money, span, stepText } from "../model/texts.ts";
import { alter, client } from "../state/console-page.ts";
import { useResource } from "../state/resource.ts";
import { CommandLine, Empty, EventLink, SessionLink, ShortJson, Trouble } from "./parts.tsx";
import { Status } from "./shape.tsx";

const MOST_STEPS = 200;

/** Two sessions side by side: where they part, what each step came to, and what they cost. */
export function CompareView({ address: { session, other } }: { readonly address: SessionAddress }) {
  const [text, setText] = useState(other ?? "");
  const { value, error } = useResource(other === undefined ? undefined : `${session} ${other}`, () =>
    client.compare(session, other ?? ""),
  );
  const submit = (event: Event): void => {
    event.preventDefault();
    if (text.trim() !== "") alter({ other: text.trim() });
  };
  return (
    <div class="compare">
      <form class="line" onSubmit={submit}>
        <label>
          With session <input value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} />
        </label>
        <button type="submit" class="main">
          Compare
        </button>
      </form>
      {other === undefined && (
        <Empty>Give another session: a fork of this one, or one that went otherwise.</Empty>
      )}
      {error !== undefined && <Trouble error={error} missing={error.message} />}
      {other !== undefined && value === undefined && error === undefined && <Empty>Reading both…</Empty>}
      {other !== undefined && value !== undefined && <Compared read={value} one={session} other={other} />}
    </div>
  );
}

function Compared({
  read,
  one,
  other,
}: {
  readonly read: ComparedSessions;
  readonly one: string;
  readonly other: string;
}) {
  const { steps, firstDifference, totals, forked } = read;
  const [fork, origin] = forked?.fork === "one" ? [one, other] : [other, one];
  const [most, setMost] = useState(MOST_STEPS);
  const numbers = [
    ["events", (side: ComparedSessions["totals"]["one"]) => String(side.events)],
    ["time", (side: ComparedSessions["totals"]["one"]) => span(side.ms)],
    ["attempts", (side: ComparedSessions["totals"]["one"]) => String(side.attempts)],
    ["fallbacks", (side: ComparedSessions["totals"]["one"]) => String(side.fallbacks)],
    ["stale answers", (side: ComparedSessions["totals"]["one"]) => String(side.stale)],
    ["tokens", (side: ComparedSessions["totals"]["one"]) => side.tokens.toLocaleString("en")],
    ["money", (side: ComparedSessions["totals"]["one"]) => money(side.money)],
  ] as const;
  return (
    <>
      {forked !== undefined && (
        <p>
          {`${fork} is a fork of ${origin} at event ${forked.at}`}
          {forked.changed.length > 0 && `, with another ${forked.changed.join(", another ")}`}
          {". What it came to before that is its origin’s; the totals are its own."}
        </p>
      )}
      <p class="first">
        {firstDifference === undefined
          ? "No step came to anything else."
          : `They part at ${firstDifference.flow}, ${stepText(firstDifference.step)}.`}
      </p>
      <table class="numbers">
        <caption>Totals</caption>
        <thead>
          <tr>
            <th scope="col">of</th>
            <th scope="col">{one}</th>
            <th scope="col">
              <SessionLink session={other} />
            </th>
          </tr>
        </thead>
        <tbody>
          {numbers.map(([name, text]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{text(totals.one)}</td>
              <td>{text(totals.other)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <table class="diff">
        <caption>Steps</caption>
        <thead>
          <tr>
            <th scope="col">step</th>
            <th scope="col">same</th>
            <th scope="col">{one}</th>
            <th scope="col">{other}</th>
          </tr>
        </thead>
        <tbody>
          {steps.slice(0, most).map((step) => (
            <StepRow
              key={`${step.flow} ${step.run} ${step.step}`}
              step={step}
              isFirst={isSameStep(step, firstDifference)}
            />
          ))}
        </tbody>
      </table>
      {steps.length > most && (
        <button type="button" onClick={() => setMost(most * 2)}>
          Show more; {counted(steps.length - most, "step")} are not shown
        </button>
      )}
      <CommandLine name="compare" words={[one, other]} />
    </>
  );
}

/** They came as two values, and name one step. */
const isSameStep = (one: ComparedStep, other: ComparedStep | undefined): boolean =>
  one.flow === other?.flow && one.run === other.run && one.step === other.step;

const StepRow = ({ step, isFirst }: { readonly step: ComparedStep; readonly isFirst: boolean }) => (
  <tr class={step.isSame ? "" : isFirst ? "differs first" : "differs"}>
    <td>
      <code>{stepText(step.step)}</code>{" "}
      <span class="faint">
        {step.flow}
        {step.run > 1 ? ` ${step.run}` : ""}
      </span>
    </td>
    <td>{step.isSame ? <Status name="yes" word="same" /> : <Status name="no" word="differs" />}</td>
    <td>
      <Outcome outcome={step.one} links />
    </td>
    <td>
      <Outcome outcome={step.other} />
    </td>
  </tr>
);

/** What a step came to; events of the session that one looks at can be selected. */
function Outcome({
  outcome,
  links = false,
}: {
  readonly outcome: StepOutcome | undefined;
  readonly links?: boolean;
}) {
  if (outcome === undefined) return <span class="faint">never came there</span>;
  return (
    <>
      {outcome.kept === "before" ? (
        <span class="faint">before the fork:</span>
      ) : links ? (
        <EventLink sequence={outcome.sequence} />
      ) : (
        <span class="faint">#{outcome.sequence}</span>
      )}{" "}
      {outcome.how} <ShortJson value={outcome.value} />
      {outcome.kept === "reused" && <span class="faint"> reused</span>}
    </>
  );
}
