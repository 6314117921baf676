import type { AgentRecord, AgentRecords } from "#ports/agents.ts";
import type { Clock } from "#ports/clock.ts";
import {
  MEASURED_MINUTES,
  type AlarmReport,
  type LatencyMeasures,
  type Monitoring,
} from "#ports/monitoring.ts";
import type { QueueDepth, QueueDepths } from "#ports/queues.ts";
import type { LimitsReport } from "./create-limits-report.ts";
import { createMeasuredLately, type MeasuredLately } from "./measured-lately.ts";

/** How the function that hosts an agent was invoked in the last five whole minutes. */
export interface AgentCalls {
  /** The group whose function it is, and whose agents share the figures. @default the agent has a function of its own */
  readonly group?: string;
  /** Invocations a minute. */
  readonly perMinute: number;
  /** Invocations that crashed, timed out or threw. */
  readonly errors: number;
  /** How long they took, ms; absent where none ran. */
  readonly latencyMs?: LatencyMeasures;
}

/** How an agent does: its calls of the last minutes, and what waits for it in both lanes. */
export interface AgentReport extends AgentRecord {
  readonly agent: string;
  readonly queue: { readonly visible: number; readonly inFlight: number };
  /** Tasks in its dead-letter queues, which recovery takes within seconds while it works. */
  readonly deadLetters: number;
  /** Absent where monitoring has no figure of it. */
  readonly calls?: AgentCalls;
}

/** How a queue does. */
export interface QueueReport extends QueueDepth {
  /** How long its oldest message has been in it, seconds; absent where monitoring has no figure of it. */
  readonly oldestSeconds?: number;
}

export interface HealthReport {
  readonly agents: readonly AgentReport[];
  readonly queues: readonly QueueReport[];
  /** Those of the spine, its agents and subscriptions; absent where monitoring did not answer. */
  readonly alarms?: readonly AlarmReport[];
  /** When it was looked, ms. */
  readonly at: number;
  /** When monitoring was asked for calls, ages and alarms, ms: once a minute at most. */
  readonly measuredAt: number;
}

/** What `GET /health` tells: who asks for one tenant is told the limits of that tenant. */
export interface SpineHealth extends HealthReport {
  readonly limits: LimitsReport;
}

/** An agent of the application, and the group that hosts it; its own name where it has a function of its own. */
export interface HostedAgent {
  readonly agent: string;
  readonly host: string;
}

export interface HealthReportPorts {
  /** All agents of the application, whoever hosts them. */
  readonly agents: readonly HostedAgent[];
  readonly records: AgentRecords;
  readonly depths: QueueDepths;
  readonly monitoring: Monitoring;
  readonly clock: Pick<Clock, "now">;
  /** Told of what monitoring did not answer. */
  readonly onTrouble: (error: unknown, what: string) => void;
}

/** Whoever asks within so many ms gets the same report: many who look cost no more than one. */
const FRESH_MS = 2_000;

/** Makes what tells how a spine's agents and queues do, for people to look at. Throws what records and depths throw. */
export function createHealthReport(ports: HealthReportPorts) {
  const { agents, records, depths, clock } = ports;
  const names = agents.map(({ agent }) => agent);
  const hosts = [...new Set(agents.map(({ host }) => host))];
  const measuredLately = createMeasuredLately(ports);
  let last: { readonly at: number; readonly report: Promise<HealthReport> } | undefined;

  const look = async (at: number): Promise<HealthReport> => {
    const [recorded, queues] = await Promise.all([records.lately(names), depths.measure()]);
    const lately = await measuredLately({ hosts, queues: queues.map(({ name }) => name) });
    const reports = recorded.flatMap((record, index) => {
      const hosted = agents[index];
      return hosted === undefined ? [] : [agentReport(hosted, record, queues, lately)];
    });
    return {
      agents: reports,
      queues: queues.map((queue) => {
        const oldestSeconds = lately.measured?.oldestSeconds.get(queue.name);
        return { ...queue, ...(oldestSeconds !== undefined && { oldestSeconds }) };
      }),
      ...(lately.alarms !== undefined && { alarms: lately.alarms }),
      at,
      measuredAt: lately.at,
    };
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

function agentReport(
  { agent, host }: HostedAgent,
  record: AgentRecord,
  queues: readonly QueueDepth[],
  { measured }: MeasuredLately,
): AgentReport {
  const own = queues.filter((queue) => queue.agent === agent);
  const sum = (of: (queue: QueueDepth) => number) => own.reduce((total, queue) => total + of(queue), 0);
  const invoked = measured?.hosts.get(host);
  return {
    agent,
    ...record,
    queue: { visible: sum(({ visible }) => visible), inFlight: sum(({ inFlight }) => inFlight) },
    deadLetters: sum(({ deadLetters }) => deadLetters),
    ...(invoked !== undefined && {
      calls: {
        ...(host !== agent && { group: host }),
        perMinute: invoked.invocations / MEASURED_MINUTES,
        errors: invoked.errors,
        ...(invoked.latencyMs !== undefined && { latencyMs: invoked.latencyMs }),
      },
    }),
  };
}
