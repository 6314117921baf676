import type { AgentHealth, Health } from "../api/spine-health.ts";
import { breakerTexts } from "../model/health-rows.ts";
import { counted, span } from "../model/texts.ts";
import { MeasuredTable, type Measure } from "./measured-table.tsx";
import { Empty } from "./parts.tsx";
import { Status } from "./shape.tsx";

const perMinute = (value: number): string => String(Number(value.toFixed(1)));

const MEASURES: readonly Measure<AgentHealth>[] = [
  { name: "calls a minute", of: ({ calls }) => calls?.perMinute, text: perMinute },
  { name: "p50", of: ({ calls }) => calls?.latencyMs?.p50, text: span },
  { name: "p95", of: ({ calls }) => calls?.latencyMs?.p95, text: span },
  { name: "p99", of: ({ calls }) => calls?.latencyMs?.p99, text: span },
  { name: "crashes", of: ({ calls }) => calls?.errors, isBad: true },
  { name: "answers", of: ({ answers }) => answers },
  { name: "failures", of: ({ failures }) => failures, isBad: true },
  { name: "queued", of: ({ queue }) => queue.visible },
  { name: "in work", of: ({ queue }) => queue.inFlight },
  { name: "dead letters", of: ({ deadLetters }) => deadLetters, isBad: true },
];

const BREAKERS = { closed: "yes", open: "problem", "half-open": "waiting" } as const;

/** How agents are called, and what their breakers did. */
export function AgentsCard({ health: { agents, at } }: { readonly health: Health }) {
  if (agents.length === 0) return <Empty>There is no agent.</Empty>;
  const groups = agents.flatMap(({ agent, calls }) =>
    calls?.group === undefined ? [] : [`${agent} by ${calls.group}`],
  );
  return (
    <>
      <MeasuredTable
        head="agent"
        rows={agents}
        nameOf={({ agent }) => agent}
        status={{ name: "breaker", of: (agent) => <Breaker agent={agent} now={at} /> }}
        measures={MEASURES}
      />
      <p class="faint">
        The last five minutes. Calls, times and crashes are those of the function that hosts the agent
        {groups.length === 0 ? "." : `, which a group shares: ${groups.join(", ")}.`}
      </p>
    </>
  );
}

function Breaker({
  agent: { breaker, changes = [] },
  now,
}: {
  readonly agent: AgentHealth;
  readonly now: number;
}) {
  const texts = breakerTexts(changes, now);
  return (
    <>
      <Status name={BREAKERS[breaker]} word={breaker} />
      {texts.length > 0 && (
        <details class="history">
          <summary>{counted(texts.length, "change")}</summary>
          <ul>
            {texts.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
