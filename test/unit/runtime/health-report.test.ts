import { describe, expect, it } from "vitest";
import type { AgentRecord } from "#ports/agents.ts";
import type { QueueDepth } from "#ports/queues.ts";
import { createMemoryMonitoring } from "#memory/memory-monitoring.ts";
import { createMovableClock } from "#memory/movable-clock.ts";
import { createHealthReport } from "#runtime/health/create-health-report.ts";
import { START } from "./engine.ts";

const MINUTE_MS = 60_000;
const NOW = Math.ceil(START / MINUTE_MS) * MINUTE_MS;
const RECORDS: Readonly<Record<string, AgentRecord>> = {
  documents: { answers: 3, failures: 9, breaker: "open", changes: [{ at: 5, to: "open" }] },
  reply: { answers: 40, failures: 0, breaker: "closed", changes: [] },
  scheduling: { answers: 8, failures: 0, breaker: "closed", changes: [] },
};
const QUEUES: readonly QueueDepth[] = [
  { name: "inbox.fifo", visible: 5, inFlight: 1, deadLetters: 0 },
  { name: "agent-reply.fifo", agent: "reply", visible: 2, inFlight: 1, deadLetters: 0 },
  { name: "agent-reply-express.fifo", agent: "reply", visible: 3, inFlight: 0, deadLetters: 4 },
];
const HOSTED = [
  { agent: "documents", host: "documents" },
  { agent: "reply", host: "care" },
  { agent: "scheduling", host: "care" },
];

function looking() {
  const clock = createMovableClock(NOW);
  const monitoring = createMemoryMonitoring(clock);
  let looks = 0;
  const asked = { lately: 0, alarms: 0 };
  const broken = { depths: false, monitoring: false };
  const troubles: string[] = [];
  const report = createHealthReport({
    agents: HOSTED,
    records: {
      lately: (agents) => Promise.resolve(agents.map((agent) => RECORDS[agent] ?? expect.fail(agent))),
    },
    depths: {
      measure: () => {
        looks += 1;
        return broken.depths ? Promise.reject(new Error("down")) : Promise.resolve(QUEUES);
      },
    },
    monitoring: {
      lately: (names) => {
        asked.lately += 1;
        return broken.monitoring ? Promise.reject(new Error("down")) : monitoring.lately(names);
      },
      alarms: () => {
        asked.alarms += 1;
        return monitoring.alarms();
      },
    },
    clock,
    onTrouble: (_, what) => troubles.push(what),
  });
  return { clock, monitoring, report, looks: () => looks, asked, broken, troubles };
}

describe("how a spine does", () => {
  it("is told by agent, with what waits for it in both lanes, and by queue", async () => {
    const { report } = looking();
    const none = { queue: { visible: 0, inFlight: 0 }, deadLetters: 0 };
    expect(await report()).toEqual({
      at: NOW,
      measuredAt: NOW,
      agents: [
        { agent: "documents", ...RECORDS["documents"], ...none },
        { agent: "reply", ...RECORDS["reply"], queue: { visible: 5, inFlight: 1 }, deadLetters: 4 },
        { agent: "scheduling", ...RECORDS["scheduling"], ...none },
      ],
      queues: QUEUES,
      alarms: [],
    });
  });

  it("has calls a minute, errors and latency of each agent's function, which agents of a group share", async () => {
    const { monitoring, report } = looking();
    for (let took = 1; took <= 10; took += 1) monitoring.invoked("care", NOW - took, took * 100, took === 1);
    const { agents } = await report();
    const calls = {
      group: "care",
      perMinute: 2,
      errors: 1,
      latencyMs: { p50: 500, p95: 1_000, p99: 1_000 },
    };
    expect(agents.map((agent) => agent.calls)).toEqual([undefined, calls, calls]);
  });

  it("has the age of queues' oldest messages, and the alarms", async () => {
    const { monitoring, report } = looking();
    monitoring.aged("inbox.fifo", NOW - 1, 31);
    const alarm = { name: "parked-letters", state: "alarm", since: 9, description: "of a test" } as const;
    monitoring.setAlarm(alarm);
    const { queues, alarms } = await report();
    expect(queues.map(({ oldestSeconds }) => oldestSeconds)).toEqual([31, undefined, undefined]);
    expect(alarms).toEqual([alarm]);
  });

  it("is looked at once for all who ask within two seconds, and again after a failure", async () => {
    const { report, clock, looks, broken } = looking();
    expect(await Promise.all([report(), report()])).toHaveLength(2);
    clock.advanceBy(1_999);
    await report();
    expect(looks()).toBe(1);
    clock.advanceBy(1);
    broken.depths = true;
    await expect(report()).rejects.toThrow("down");
    broken.depths = false;
    expect((await report()).at).toBe(NOW + 2_000);
    expect(looks()).toBe(3);
  });

  it("asks monitoring once a minute, however many look", async () => {
    const { report, clock, asked } = looking();
    for (let look = 0; look < 20; look += 1) {
      expect((await report()).measuredAt).toBe(NOW);
      clock.advanceBy(3_000);
    }
    expect(asked).toEqual({ lately: 1, alarms: 1 });
    expect((await report()).measuredAt).toBe(NOW + 60_000);
    expect(asked).toEqual({ lately: 2, alarms: 2 });
  });

  it("is told without what monitoring does not answer, which is asked for again ten seconds later", async () => {
    const { monitoring, report, clock, broken, troubles, asked } = looking();
    monitoring.aged("inbox.fifo", NOW - 1, 31);
    broken.monitoring = true;
    const { queues, alarms } = await report();
    expect(queues).toEqual(QUEUES);
    expect(alarms).toEqual([]);
    expect(troubles).toEqual(["reading metrics"]);
    broken.monitoring = false;
    clock.advanceBy(8_000);
    expect((await report()).queues).toEqual(QUEUES);
    expect(asked.lately).toBe(1);
    clock.advanceBy(2_000);
    expect((await report()).queues[0]).toMatchObject({ oldestSeconds: 31 });
    expect(asked.lately).toBe(2);
  });
});
