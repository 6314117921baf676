import type { LocalClock } from "../local-clock.ts";
import type { QueueHost } from "../sqs/queue-host.ts";
import { startTimer } from "../timer.ts";
import { isRinging, type AlarmDefinition } from "./alarm-definition.ts";
import { MINUTE_MS, minuteOf, type MetricStore } from "./metric-store.ts";

export interface AlarmState {
  readonly alarm: AlarmDefinition;
  readonly state: "ALARM" | "OK";
  /** When it came to be so, ms; undefined for one that has never rung. */
  readonly since: number | undefined;
  /** When it was made, ms. */
  readonly madeAt: number;
}

export interface Monitor {
  add(alarm: AlarmDefinition): void;
  readonly alarms: readonly AlarmState[];
  start(): void;
  stop(): void;
}

export interface MonitorOptions {
  readonly clock: LocalClock;
  readonly queues: QueueHost;
  readonly store: MetricStore;
  /** Told when an alarm begins to ring, and when it ends. */
  readonly onChange: (state: AlarmState) => void;
}

/**
 * CloudWatch's minute: at the end of each the queues are measured and the alarms look at what there is. Minutes that the
 * clock is moved past have no measure of the queues: whoever wants alarms to see them moves it minute by minute.
 */
export function createMonitor({ clock, queues, store, onChange }: MonitorOptions): Monitor {
  const states = new Map<string, AlarmState>();
  let cancel = () => undefined as void;

  const measureQueues = (at: number) => {
    for (const { queue } of queues.all()) {
      const { visible, inFlight, delayed } = queue.counts(clock.now());
      const measures = {
        ApproximateNumberOfMessagesVisible: visible,
        ApproximateNumberOfMessagesNotVisible: inFlight,
        ApproximateNumberOfMessagesDelayed: delayed,
        ApproximateAgeOfOldestMessage: Math.floor((queue.oldestAge(clock.now()) ?? 0) / 1_000),
      };
      for (const [name, value] of Object.entries(measures))
        store.record({ namespace: "AWS/SQS", name, dimensions: { QueueName: queue.name } }, value, at);
    }
  };

  const look = (now: number) => {
    for (const { alarm, state, madeAt } of [...states.values()]) {
      const next = isRinging(alarm, store, now) ? "ALARM" : "OK";
      if (next === state) continue;
      const changed: AlarmState = { alarm, state: next, since: now, madeAt };
      states.set(alarm.name, changed);
      onChange(changed);
    }
  };

  const arm = () => {
    const next = (minuteOf(clock.now()) + 1) * MINUTE_MS;
    cancel = startTimer(clock, next, () => {
      const end = minuteOf(clock.now()) * MINUTE_MS;
      measureQueues(end - 1);
      look(end);
      arm();
    });
  };

  return {
    add(alarm) {
      if (states.has(alarm.name)) throw new Error(`Two alarms are named ${alarm.name}.`);
      states.set(alarm.name, { alarm, state: "OK", since: undefined, madeAt: clock.now() });
    },
    get alarms() {
      return [...states.values()];
    },
    start: arm,
    stop: () => cancel(),
  };
}
