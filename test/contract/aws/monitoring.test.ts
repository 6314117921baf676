import { describe, expect, it } from "vitest";
import { createCloudWatchMonitoring } from "#aws/cloudwatch/cloudwatch-monitoring.ts";
import { atFileEnd } from "../../support/file-end.ts";
import { alarmNamed, startLocalMonitoring } from "../../support/local-monitoring.ts";
import { describeMonitoring, type MonitoringHarness } from "../monitoring.ts";

const NOW = 1_800_000_000_000;

async function makeMonitoring(): Promise<MonitoringHarness> {
  const { client, store, alarms, stop } = await startLocalMonitoring(NOW);
  atFileEnd(stop);
  const record =
    (namespace: string, name: string, dimension: string, named: string) => (value: number, at: number) =>
      store.record({ namespace, name, dimensions: { [dimension]: `spine-${named}` } }, value, at);
  return {
    monitoring: createCloudWatchMonitoring({ client, prefix: "spine", clock: { now: () => NOW } }),
    now: NOW,
    invoked(host, at, tookMs, failed = false) {
      const of = (name: string) => record("AWS/Lambda", name, "FunctionName", `agent-${host}`);
      of("Invocations")(1, at);
      of("Errors")(failed ? 1 : 0, at);
      of("Duration")(tookMs, at);
    },
    aged: (queue, at, seconds) =>
      record("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", queue)(seconds, at),
    setAlarm: ({ name, state, since, description }) =>
      void alarms.push({
        alarm: alarmNamed(`spine-${name}`, description),
        state: state === "alarm" ? "ALARM" : "OK",
        since,
        madeAt: 0,
      }),
  };
}

describeMonitoring("CloudWatch, local", makeMonitoring);

describe("monitoring: two spines whose prefixes begin alike", () => {
  it("tells each its own alarms only", async () => {
    const { client, alarms, stop } = await startLocalMonitoring(NOW);
    for (const name of ["unreadable-sessions", "parked-letters", "agent-two-stuck"])
      for (const prefix of ["spine", "spine-two"])
        alarms.push({ alarm: alarmNamed(`${prefix}-${name}`), state: "OK", since: undefined, madeAt: 5_000 });
    for (const prefix of ["spine", "spine-two"]) {
      const monitoring = createCloudWatchMonitoring({ client, prefix, clock: { now: () => NOW } });
      const found = await monitoring.alarms();
      expect(found.map(({ name }) => name)).toEqual([
        "agent-two-stuck",
        "parked-letters",
        "unreadable-sessions",
      ]);
      expect(found[0]).toMatchObject({ state: "ok", since: 5_000 });
    }
    await stop();
  });
});
