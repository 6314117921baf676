import { useEffect } from "preact/hooks";
import { addressOf, sessionAddress, SESSION_VIEWS, type SessionAddress } from "../model/page-address.ts";
import { endOf } from "../model/live-said.ts";
import { counted, span } from "../model/texts.ts";
import { events, isComplete, openSession, said, selected, trouble } from "../state/open-session.ts";
import type { Explanation } from "../api/console-client.ts";
import { alter, client } from "../state/console-page.ts";
import { useReplyScores } from "../state/reply-scores.ts";
import { useResource } from "../state/resource.ts";
import { useKeys } from "../state/key-actions.ts";
import { CompareView } from "./compare-view.tsx";
import { EventList } from "./event-list.tsx";
import { GraphView } from "./graph-view.tsx";
import { Inspector } from "./inspector.tsx";
import { LedgerView } from "./ledger-view.tsx";
import { Choices, CommandLine, Link, Trouble } from "./parts.tsx";
import { Picture } from "./picture.tsx";
import { Scrubber } from "./scrubber.tsx";

/** One session: its picture, and what is to be known of the selected event. */
export function SessionPage({ address }: { readonly address: SessionAddress }) {
  const { session, view, axis, isEmbedded } = address;
  useEffect(() => openSession(session), [session]);
  useReplyScores(session, isEmbedded);
  const move = (by: number): void => {
    const to = Math.max(1, Math.min(events.value.length, selected.value + by));
    if (to > 0) alter({ at: to }, { replace: true });
  };
  useKeys([
    { key: "j", about: "the next event", act: () => move(1) },
    { key: "k", about: "the event before", act: () => move(-1) },
    { key: "]", about: "ten events on", act: () => move(10) },
    { key: "[", about: "ten events back", act: () => move(-10) },
    { key: "g", about: "the first event", act: () => move(-events.value.length) },
    { key: "G", about: "the newest event", act: () => move(events.value.length) },
    {
      key: "t",
      about: "by time, or by sequence",
      act: () => alter({ axis: axis === "time" ? "sequence" : "time" }),
    },
  ]);
  if (events.value.length === 0 && trouble.value !== undefined)
    return (
      <main class="page">
        <h1>{session}</h1>
        <p class="notice bad" role="status">
          {trouble.value.message}
        </p>
      </main>
    );
  if (isEmbedded)
    return (
      <main class="session embedded" aria-busy={!isComplete.value}>
        <h1 class="hidden">{session}</h1>
        <Picture />
        <a class="whole" href={addressOf({ ...address, isEmbedded: false })} target="_blank" rel="noopener">
          {session} in the console
        </a>
      </main>
    );
  return (
    <main class="session" aria-busy={!isComplete.value}>
      <SessionHead address={address} />
      <Scrubber />
      <div class="halves">
        <section class="left" aria-label="The session">
          {view === "timeline" && (
            <>
              <Picture />
              <EventList />
            </>
          )}
          {view === "graph" && <GraphView />}
          {view === "ledger" && <LedgerView session={session} />}
          {view === "compare" && <CompareView address={address} />}
        </section>
        <Inspector address={address} />
      </div>
    </main>
  );
}

/** What agents say is shown in the head of so many of them, and the newest of it; the whole is beside each one's event. */
const MOST_SAID = 3;
const MOST_CHARACTERS = 60;

function SessionHead({ address: { session, view, axis } }: { readonly address: SessionAddress }) {
  const all = events.value;
  const [first, last] = [all[0], all.at(-1)];
  return (
    <div class="session-head">
      <h1>{session}</h1>
      <span class="faint">
        {counted(all.length, "event")}
        {first !== undefined && last !== undefined && ` in ${span(last.at - first.at)}`}
        {isComplete.value ? "" : ", reading…"}
      </span>
      {first?.forked !== undefined && (
        <Link to={{ ...sessionAddress(session), view: "compare", other: first.forked.origin }}>
          {`fork of ${first.forked.origin} at event ${first.forked.at}`}
        </Link>
      )}
      <Waits session={session} />
      {[...said.value.values()].slice(0, MOST_SAID).map(({ task, agent, text }) => (
        <span key={task} class="live">
          {agent}: <q>{endOf(text, MOST_CHARACTERS)}</q>
        </span>
      ))}
      <span class="room" />
      <Choices label="View" names={SESSION_VIEWS} chosen={view} onChoose={(name) => alter({ view: name })} />
      {view === "timeline" && (
        <Choices
          label="From left to right by"
          names={["sequence", "time"]}
          chosen={axis}
          onChoose={(name) => alter({ axis: name })}
        />
      )}
    </div>
  );
}

/** What the session waits for. */
function Waits({ session }: { readonly session: string }) {
  const key = isComplete.value ? `${session} ${events.value.at(-1)?.cause ?? 0}` : undefined;
  const { value, error } = useResource(key, () => client.explanation(session));
  return (
    <div class="waits" aria-live="polite">
      {trouble.value !== undefined && <span class="notice bad">{trouble.value.message}</span>}
      {error !== undefined && <Trouble error={error} missing="This deployment does not explain sessions." />}
      {value !== undefined && (
        <details>
          <summary>{headline(value)}</summary>
          <ul>
            {value.waitsFor.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
          <CommandLine name="explain" words={[session]} />
        </details>
      )}
    </div>
  );
}

/** What a session waits for in one line: a person first, and a run's bound last. */
function headline({ waitsFor, asks, status }: Explanation): string {
  const [ask] = asks;
  if (ask !== undefined) return `A person is asked: ${ask.question}`;
  return waitsFor.find((text) => !text.startsWith("Run ")) ?? waitsFor[0] ?? status;
}
