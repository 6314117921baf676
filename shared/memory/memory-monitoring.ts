import type { Clock } from "#ports/clock.ts";
import {
  MEASURED_MINUTES,
  type AlarmReport,
  type InvocationMeasures,
  type Monitoring,
} from "#ports/monitoring.ts";

/** Monitoring in memory, of what it is told. */
export interface MemoryMonitoring extends Monitoring {
  /** A host's function was invoked, for so many ms. */
  invoked(host: string, at: number, tookMs: number, failed?: boolean): void;
  /** The oldest message of a queue was so old. */
  aged(queue: string, at: number, seconds: number): void;
  /** An alarm is as it is told, from then on. */
  setAlarm(alarm: AlarmReport): void;
}

const MINUTE_MS = 60_000;

interface Told {
  readonly name: string;
  readonly at: number;
  readonly value: number;
  readonly failed: boolean;
}

export function createMemoryMonitoring(clock: Pick<Clock, "now">): MemoryMonitoring {
  const invocations: Told[] = [];
  const ages: Told[] = [];
  const alarms = new Map<string, AlarmReport>();

  const lately = (told: readonly Told[], name: string): readonly Told[] => {
    const end = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS;
    return told.filter(
      (each) => each.name === name && each.at >= end - MEASURED_MINUTES * MINUTE_MS && each.at < end,
    );
  };
  const found = <T>(names: readonly string[], told: readonly Told[], of: (some: readonly Told[]) => T) =>
    new Map(
      names.flatMap((name) => {
        const some = lately(told, name);
        return some.length === 0 ? [] : [[name, of(some)] as const];
      }),
    );

  return {
    invoked: (name, at, value, failed = false) => void invocations.push({ name, at, value, failed }),
    aged: (name, at, value) => void ages.push({ name, at, value, failed: false }),
    setAlarm: (alarm) => void alarms.set(alarm.name, alarm),
    lately: ({ hosts, queues }) =>
      Promise.resolve({
        hosts: found(hosts, invocations, measure),
        oldestSeconds: found(queues, ages, (some) => Math.max(...some.map(({ value }) => value))),
      }),
    alarms: () => Promise.resolve([...alarms.values()].sort((a, b) => (a.name < b.name ? -1 : 1))),
  };
}

function measure(some: readonly Told[]): InvocationMeasures {
  const times = some.map(({ value }) => value).sort((a, b) => a - b);
  const percentile = (share: number) => times[Math.ceil(share * times.length) - 1] ?? 0;
  return {
    invocations: some.length,
    errors: some.filter(({ failed }) => failed).length,
    latencyMs: { p50: percentile(0.5), p95: percentile(0.95), p99: percentile(0.99) },
  };
}
