import { useCallback, useState } from "preact/hooks";
import { counted, span } from "../model/texts.ts";
import type { SessionRow } from "../model/session-row.ts";
import type { DeadLetter, Health } from "../api/console-client.ts";
import { client } from "../state/console-page.ts";
import { useEvery, useResource } from "../state/resource.ts";
import { CommandLine, Empty, SessionLink, Trouble } from "./parts.tsx";
import { Status } from "./shape.tsx";

const POLL_MS = 5_000;
const MOST = 50;

/** How agents and queues are, what could not be delivered, and what sessions wait for. */
export function HealthPage() {
  const health = useResource("health", () => client.health());
  const letters = useResource("letters", () => client.deadLetters());
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
          <h2>Dead letters</h2>
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

const optional = (value: number | undefined): string => (value === undefined ? "–" : String(value));
const optionalMs = (value: number | undefined): string => (value === undefined ? "–" : span(value));

function Agents({ health: { agents } }: { readonly health: Health }) {
  if (agents.length === 0) return <Empty>No agent has answered yet.</Empty>;
  return (
    <table class="numbers">
      <thead>
        <tr>
          {["agent", "breaker", "answers", "failures", "p50", "p99", "queued", "oldest", "dead letters"].map(
            (name) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ),
          )}
        </tr>
      </thead>
      <tbody>
        {agents.map(({ agent, lane, breaker, answers, failures, p50Ms, p99Ms, queue, deadLetters }) => (
          <tr key={`${agent} ${lane ?? ""}`}>
            <th scope="row">
              {agent} {lane !== undefined && <span class="faint">{lane}</span>}
            </th>
            <td>
              <Status
                name={breaker === "closed" ? "yes" : breaker === "open" ? "problem" : "waiting"}
                word={breaker}
              />
            </td>
            <td>{answers}</td>
            <td class={failures > 0 ? "bad" : ""}>{failures}</td>
            <td>{optionalMs(p50Ms)}</td>
            <td>{optionalMs(p99Ms)}</td>
            <td>{optional(queue?.visible)}</td>
            <td>{optionalMs(queue?.oldestMs)}</td>
            <td class={(deadLetters ?? 0) > 0 ? "bad" : ""}>{optional(deadLetters)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const Queues = ({ health: { queues } }: { readonly health: Health }) => (
  <table class="numbers">
    <thead>
      <tr>
        <th scope="col">queue</th>
        <th scope="col">messages</th>
        <th scope="col">oldest</th>
        <th scope="col">dead letters</th>
      </tr>
    </thead>
    <tbody>
      {queues.map(({ name, visible, oldestMs, deadLetters }) => (
        <tr key={name}>
          <th scope="row">{name}</th>
          <td>{visible}</td>
          <td>{optionalMs(oldestMs)}</td>
          <td class={(deadLetters ?? 0) > 0 ? "bad" : ""}>{optional(deadLetters)}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

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
            <th scope="col">why</th>
            <th scope="col">do</th>
          </tr>
        </thead>
        <tbody>
          {letters.slice(0, MOST).map(({ letter, queue, state, session, reason }) => (
            <tr key={letter}>
              <td>{queue}</td>
              <td>{state}</td>
              <td>{session === undefined ? "nobody’s" : <SessionLink session={session.session} />}</td>
              <td>{reason ?? ""}</td>
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
            {waitsFor !== undefined && `${waitsFor.kind} ${waitsFor.name ?? ""}`}
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
