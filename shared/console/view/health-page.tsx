import { useCallback, useState } from "preact/hooks";
import { client } from "../state/console-page.ts";
import { useEvery, useResource } from "../state/resource.ts";
import { AgentsCard } from "./agents-card.tsx";
import { AlarmsCard } from "./alarms-card.tsx";
import { LettersCard } from "./letters-card.tsx";
import { LimitsCard } from "./limits-card.tsx";
import { Empty, Trouble } from "./parts.tsx";
import { QueuesCard } from "./queues-card.tsx";
import { WaitingList } from "./waiting-list.tsx";

const POLL_MS = 5_000;
const DAY_MS = 86_400_000;
/** Letters stand by their day, UTC. */
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** How agents and queues are, what rings, what could not be delivered, and what sessions wait for. */
export function HealthPage() {
  const { value: health, error, reload } = useResource("health", () => client.health());
  useEvery(
    POLL_MS,
    useCallback(() => reload(), [reload]),
  );
  return (
    <main class="page health">
      <h1 class="hidden">Health and letters</h1>
      <section class="card wide">
        <h2>Agents</h2>
        {error !== undefined && (
          <Trouble error={error} missing="This deployment does not tell its agents' health." />
        )}
        {health !== undefined && <AgentsCard health={health} />}
      </section>
      <div class="two">
        <section class="card">
          <h2>Alarms</h2>
          {health !== undefined &&
            (health.alarms === undefined ? (
              <Empty>CloudWatch did not tell them.</Empty>
            ) : (
              <AlarmsCard alarms={health.alarms} now={health.at} />
            ))}
        </section>
        <Letters />
        <section class="card">
          <h2>Queues</h2>
          {health !== undefined && <QueuesCard queues={health.queues} />}
        </section>
        {health?.limits !== undefined && (
          <section class="card">
            <h2>Quotas</h2>
            <LimitsCard limits={health.limits} health={health} />
          </section>
        )}
        <Sessions title="Effects in doubt" query={{ problem: "in-doubt" }} none="No effect is in doubt." />
        <Sessions title="Waiting sessions" query={{ state: "waiting" }} none="No session waits." />
      </div>
    </main>
  );
}

/** Letters of a day, today's first. */
function Letters() {
  const [daysAgo, setDaysAgo] = useState(0);
  const day = dayOf(Date.now() - daysAgo * DAY_MS);
  const { value, error, reload } = useResource(`letters ${day}`, () => client.deadLetters(day));
  return (
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
      {error !== undefined && (
        <Trouble error={error} missing="This deployment does not list its dead letters here." />
      )}
      {value !== undefined && <LettersCard key={day} letters={value} day={day} onDone={reload} />}
    </section>
  );
}

function Sessions({
  title,
  query,
  none,
}: {
  readonly title: string;
  readonly query: Readonly<Record<string, string>>;
  readonly none: string;
}) {
  const { value, error } = useResource(title, () => client.sessions(query));
  return (
    <section class="card">
      <h2>{title}</h2>
      {error !== undefined && <Trouble error={error} missing="This deployment has no list of sessions." />}
      {value !== undefined && <WaitingList rows={value.sessions} none={none} />}
    </section>
  );
}
