import type { AgentRecord, AgentRecords } from "#ports/agents.ts";
import type { Clock } from "#ports/clock.ts";
import type { QueueDepth, QueueDepths } from "#ports/queues.ts";

/** How an agent does: its calls of the last minutes, and what waits for it in both lanes. */
export interface AgentReport extends AgentRecord {
  readonly agent: string;
  readonly queue: { readonly visible: number; readonly inFlight: number };
  /** Tasks in its dead-letter queues, which recovery takes within seconds while it works. */
  readonly deadLetters: number;
}

export interface HealthReport {
  readonly agents: readonly AgentReport[];
  readonly queues: readonly QueueDepth[];
  /** When it was looked, ms. */
  readonly at: number;
}

export interface HealthReportPorts {
  /** All agents of the application, whoever hosts them. */
  readonly agents: readonly string[];
  readonly records: AgentRecords;
  readonly depths: QueueDepths;
  readonly clock: Pick<Clock, "now">;
}

/** Whoever asks within so many ms gets the same report: many who look cost no more than one. */
const FRESH_MS = 2_000;

/** Makes what tells how a spine's agents and queues do, for people to look at. Throws what its ports throw. */
export function createHealthReport({ agents, records, depths, clock }: HealthReportPorts) {
  let last: { readonly at: number; readonly report: Promise<HealthReport> } | undefined;

  const look = async (at: number): Promise<HealthReport> => {
    const [recorded, queues] = await Promise.all([records.lately(agents), depths.measure()]);
    const reports = recorded.map((record, index) => {
      const agent = agents[index] ?? "";
      const own = queues.filter((queue) => queue.agent === agent);
      const sum = (of: (queue: QueueDepth) => number) => own.reduce((total, queue) => total + of(queue), 0);
      return {
        agent,
        ...record,
        queue: { visible: sum(({ visible }) => visible), inFlight: sum(({ inFlight }) => inFlight) },
        deadLetters: sum(({ deadLetters }) => deadLetters),
      };
    });
    return { agents: reports, queues, at };
  };

  return (): Promise<HealthReport> => {
    const now = clock.now();
    if (last !== undefined && now - last.at < FRESH_MS) return last.report;
    const report = look(now);
    last = { at: now, report };
    // Nobody is told twice of one failure.
    report.catch(() => (last = undefined));
    return report;
  };
}
