import { useCallback, useState } from "preact/hooks";
import { counted, span, stepText } from "../model/texts.ts";
import type { SessionRow } from "../model/session-row.ts";
import type { AgentHealth, DeadLetter, Health, QueueHealth } from "../api/console-client.ts";
import { client } from "../state/console-page.ts";
import { useEvery, useResource } from "../state/resource.ts";
import { CommandLine, Empty, SessionLink, Trouble } from "./parts.tsx";
import { Status } from "./shape.tsx";

const POLL_MS = 5_000;
const MOST = 50;
const DAY_MS = 86_400_000;
/** Letters stand by their day, UTC. */
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** How agents and queues are, what could not be delivered, and what sessions wait for. */
export function HealthPage() {
  const health = useResource("health", () => client.health());
  const [daysAgo, setDaysAgo] = useState(0);
  const day = dayOf(Date.now() - daysAgo * DAY_MS);
  const letters = useResource(`letters ${day}`, () => client.deadLetters(day));
  const doubtful = useResource("doubt", () => client.sessions({ problem: "in-doubt" }));
  const waiting = useResource("waiting", () => client.sessions({ state: "waiting" }));
  const { reload } = health;
  useEvery(
    POLL_MS,
    useCallback(() => reload(), [reload]),
  );
  return (
    <main class="page health">
      <h1 class="hidden">Health and letters</h1>
      <section class="card wide">
        <h2>Agents</h2>
        {health.error !== undefined && (
          <Trouble error={health.error} missing="This deployment does not tell its agents' health." />
        )}
        {health.value !== undefined && <Agents health={health.value} />}
      </section>
      <div class="two">
        <section class="card">
          <h2>Queues</h2>
          {health.value !== undefined && <Queues health={health.value} />}
        </section>
        <section class="card">
          <div class="line">
            <h2>Dead letters of {day}</h2>
            <span class="room" />
            <button type="button" class="quiet" onClick={() => setDaysAgo(daysAgo + 1)}>
              the day before
            </button>
            {daysAgo > 0 && (
              <button type="button" class="quiet" onClick={() => setDaysAgo(0)}>
                today
              </button>
            )}
          </div>
          {letters.error !== undefined && (
            <Trouble error={letters.error} missing="This deployment does not list its dead letters here." />
          )}
          {letters.value !== undefined && <Letters letters={letters.value} />}
        </section>
        <section class="card">
          <h2>Effects in doubt</h2>
          {doubtful.error !== undefined && (
            <Trouble error={doubtful.error} missing="This deployment has no list of sessions." />
          )}
          {doubtful.value !== undefined && (
            <Waiting rows={doubtful.value.sessions} none="No effect is in doubt." />
          )}
        </section>
        <section class="card">
          <h2>Waiting sessions</h2>
          {waiting.error !== undefined && (
            <Trouble error={waiting.error} missing="This deployment has no list of sessions." />
          )}
          {waiting.value !== undefined && <Waiting rows={waiting.value.sessions} none="No session waits." />}
        </section>
      </div>
    </main>
  );
}

interface Measure<T> {
  readonly name: string;
  readonly of: (one: T) => number;
  /** More than none of them is bad. */
  readonly isBad?: true;
}

const AGENT_MEASURES: readonly Measure<AgentHealth>[] = [
  { name: "answers", of: ({ answers }) => answers },
  { name: "failures", of: ({ failures }) => failures, isBad: true },
  { name: "queued", of: ({ queue }) => queue.visible },
  { name: "in work", of: ({ queue }) => queue.inFlight },
  { name: "dead letters", of: ({ deadLetters }) => deadLetters, isBad: true },
];

const QUEUE_MEASURES: readonly Measure<QueueHealth>[] = [
  { name: "messages", of: ({ visible }) => visible },
  { name: "in work", of: ({ inFlight }) => inFlight },
  { name: "dead letters", of: ({ deadLetters }) => deadLetters, isBad: true },
];

const Measured = <T,>({ measure: { of, isBad }, one }: { readonly measure: Measure<T>; readonly one: T }) => (
  <td class={isBad && of(one) > 0 ? "bad" : ""}>{of(one)}</td>
);

function Agents({ health: { agents } }: { readonly health: Health }) {
  if (agents.length === 0) return <Empty>There is no agent.</Empty>;
  return (
    <table class="numbers">
      <thead>
        <tr>
          <th scope="col">agent</th>
          <th scope="col">breaker</th>
          {AGENT_MEASURES.map(({ name }) => (
            <th scope="col" key={name}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {agents.map((one) => (
          <tr key={one.agent}>
            <th scope="row">{one.agent}</th>
            <td>
              <Status name={BREAKERS[one.breaker]} word={one.breaker} />
            </td>
            {AGENT_MEASURES.map((measure) => (
              <Measured key={measure.name} measure={measure} one={one} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const BREAKERS = { closed: "yes", open: "problem", "half-open": "waiting" } as const;

function Queues({ health: { queues } }: { readonly health: Health }) {
  return (
    <table class="numbers">
      <thead>
        <tr>
          <th scope="col">queue</th>
          {QUEUE_MEASURES.map(({ name }) => (
            <th scope="col" key={name}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {queues.map((one) => (
          <tr key={one.name}>
            <th scope="row">{one.name}</th>
            {QUEUE_MEASURES.map((measure) => (
              <Measured key={measure.name} measure={measure} one={one} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Letters({ letters }: { readonly letters: readonly DeadLetter[] }) {
  const [open, setOpen] = useState<string | undefined>(undefined);
  if (letters.length === 0) return <Empty>There is none.</Empty>;
  return (
    <>
      <table>
        <thead>
          <tr>
            <th scope="col">queue</th>
            <th scope="col">state</th>
            <th scope="col">session</th>
            <th scope="col">do</th>
          </tr>
        </thead>
        <tbody>
          {letters.slice(0, MOST).map(({ letter, queue, state, session }) => (
            <tr key={letter}>
              <td>{queue}</td>
              <td>{state}</td>
              <td>{session === undefined ? "nobody’s" : <SessionLink session={session.session} />}</td>
              <td>
                <button
                  type="button"
                  class="link"
                  onClick={() => setOpen(open === letter ? undefined : letter)}
                >
                  commands
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {letters.length > MOST && <p class="faint">and {letters.length - MOST} more: see the command</p>}
      {open === undefined ? (
        <CommandLine name="dead-letters" words={["list"]} />
      ) : (
        <>
          <p class="faint">
            Letters are redriven or discarded with the operator’s own rights, from a terminal.
          </p>
          <CommandLine name="dead-letters" words={["show", open]} />
          <CommandLine name="dead-letters" words={["redrive", open, "--reason", "what was repaired"]} />
          <CommandLine
            name="dead-letters"
            words={["discard", open, "--reason", "why nothing is left to do"]}
          />
        </>
      )}
    </>
  );
}

/** Sessions with what they wait for, and when the spine acts by itself. */
function Waiting({ rows, none }: { readonly rows: readonly SessionRow[]; readonly none: string }) {
  const [open, setOpen] = useState<string | undefined>(undefined);
  const { value, error } = useResource(open, () => client.explanation(open ?? ""));
  if (rows.length === 0) return <Empty>{none}</Empty>;
  return (
    <ul class="waiting">
      {rows.slice(0, MOST).map(({ session, waitsFor, problem }) => (
        <li key={session}>
          <SessionLink session={session} />{" "}
          <span class="faint">
            {problem !== undefined && `${problem.kind} · `}
            {waitsFor !== undefined && `${waitsFor.kind} ${stepText(waitsFor.name)}`}
            {waitsFor?.until !== undefined &&
              `, the spine acts in ${span(Math.max(0, waitsFor.until - Date.now()))}`}
          </span>{" "}
          <button
            type="button"
            class="link"
            aria-expanded={open === session}
            onClick={() => setOpen(open === session ? undefined : session)}
          >
            explain
          </button>
          {open === session && (
            <div class="explained">
              {error !== undefined && <Trouble error={error} missing="This session cannot be read." />}
              {value?.waitsFor.map((text) => (
                <p key={text}>{text}</p>
              ))}
              <CommandLine name="explain" words={[session]} />
            </div>
          )}
        </li>
      ))}
      {rows.length > MOST && <li class="faint">and {counted(rows.length - MOST, "more session")}</li>}
    </ul>
  );
}
