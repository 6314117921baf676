import { beforeEach, describe, expect, it } from "vitest";
import type { AlarmReport, Monitoring } from "#ports/monitoring.ts";

export interface MonitoringHarness {
  readonly monitoring: Monitoring;
  /** ms, a whole minute. */
  readonly now: number;
  /** A host's function was invoked, for so many ms. */
  invoked(host: string, at: number, tookMs: number, failed?: boolean): void;
  /** The oldest message of a queue was so old. */
  aged(queue: string, at: number, seconds: number): void;
  setAlarm(alarm: AlarmReport): void;
}

const MINUTE_MS = 60_000;

/** Holds an implementation of Monitoring to the port's rules. */
export function describeMonitoring(name: string, makeMonitoring: () => Promise<MonitoringHarness>): void {
  describe(`monitoring: ${name}`, () => {
    let at: MonitoringHarness;

    beforeEach(async () => {
      at = await makeMonitoring();
    });

    it("has no entry for what was not measured", async () => {
      const { hosts, oldestSeconds } = await at.monitoring.lately({
        hosts: ["reply"],
        queues: ["inbox.fifo"],
      });
      expect([...hosts, ...oldestSeconds]).toEqual([]);
      expect(await at.monitoring.alarms()).toEqual([]);
    });

    it("counts invocations and errors of each host, and tells how long a share of them took at most", async () => {
      for (let took = 1; took <= 200; took += 1)
        at.invoked("reply", at.now - took * 1_000, took * 10, took > 197);
      at.invoked("care", at.now - MINUTE_MS, 40);
      const { hosts } = await at.monitoring.lately({ hosts: ["care", "reply", "idle"], queues: [] });
      expect([...hosts.keys()]).toEqual(["care", "reply"]);
      const reply = hosts.get("reply");
      expect(reply).toMatchObject({ invocations: 200, errors: 3 });
      // CloudWatch's percentiles are right to one in a hundred.
      for (const [percentile, ms] of [
        ["p50", 1_000],
        ["p95", 1_900],
        ["p99", 1_980],
      ] as const)
        expect(Math.abs((reply?.latencyMs?.[percentile] ?? 0) - ms)).toBeLessThan(0.02 * ms);
      expect(hosts.get("care")).toMatchObject({ invocations: 1, errors: 0 });
    });

    it("tells the greatest age of each queue's oldest message, in seconds", async () => {
      at.aged("inbox.fifo", at.now - 1, 4);
      at.aged("inbox.fifo", at.now - 3 * MINUTE_MS, 90);
      at.aged("deadlines", at.now - MINUTE_MS, 0);
      const { oldestSeconds } = await at.monitoring.lately({
        hosts: [],
        queues: ["inbox.fifo", "deadlines"],
      });
      expect(Object.fromEntries(oldestSeconds)).toEqual({ "inbox.fifo": 90, deadlines: 0 });
    });

    it("looks back five whole minutes, and no further", async () => {
      at.invoked("reply", at.now - 5 * MINUTE_MS, 10);
      at.invoked("reply", at.now - 5 * MINUTE_MS - 1, 10);
      at.invoked("reply", at.now, 10);
      const { hosts } = await at.monitoring.lately({ hosts: ["reply"], queues: [] });
      expect(hosts.get("reply")).toMatchObject({ invocations: 1 });
    });

    it("answers for more names than one request to AWS has room for", async () => {
      const hosts = Array.from({ length: 130 }, (_, each) => `agent-${each}`);
      for (const host of hosts) at.invoked(host, at.now - 1, 10);
      at.aged("inbox.fifo", at.now - 1, 7);
      const measured = await at.monitoring.lately({ hosts, queues: ["inbox.fifo"] });
      expect([...measured.hosts.keys()]).toEqual(hosts);
      expect(measured.oldestSeconds.get("inbox.fifo")).toBe(7);
    });

    it("lists the spine's alarms by name, with their state and since when it is so", async () => {
      const alarms = Array.from({ length: 120 }, (_, each): AlarmReport => ({
        name: `agent-${String(each).padStart(3, "0")}-stuck`,
        state: each % 2 === 0 ? "ok" : "alarm",
        since: at.now - each * MINUTE_MS,
        description: `Of agent ${each}.`,
      }));
      for (const alarm of alarms.toReversed()) at.setAlarm(alarm);
      expect(await at.monitoring.alarms()).toEqual(alarms);
    });
  });
}
