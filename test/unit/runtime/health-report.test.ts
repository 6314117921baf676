import { describe, expect, it } from "vitest";
import type { AgentRecord } from "#ports/agents.ts";
import type { QueueDepth } from "#ports/queues.ts";
import { createMovableClock } from "#memory/movable-clock.ts";
import { createHealthReport } from "#runtime/health/create-health-report.ts";
import { START } from "./engine.ts";

const RECORDS: Readonly<Record<string, AgentRecord>> = {
  documents: { answers: 3, failures: 9, breaker: "open" },
  reply: { answers: 40, failures: 0, breaker: "closed" },
};
const QUEUES: readonly QueueDepth[] = [
  { name: "inbox.fifo", visible: 5, inFlight: 1, deadLetters: 0 },
  { name: "agent-reply.fifo", agent: "reply", visible: 2, inFlight: 1, deadLetters: 0 },
  { name: "agent-reply-express.fifo", agent: "reply", visible: 3, inFlight: 0, deadLetters: 4 },
];

function looking() {
  const clock = createMovableClock(START);
  let looks = 0;
  let broken = false;
  const report = createHealthReport({
    agents: Object.keys(RECORDS),
    records: {
      lately: (agents) => Promise.resolve(agents.map((agent) => RECORDS[agent] ?? expect.fail(agent))),
    },
    depths: {
      measure: () => {
        looks += 1;
        return broken ? Promise.reject(new Error("down")) : Promise.resolve(QUEUES);
      },
    },
    clock,
  });
  return { clock, report, looks: () => looks, breaks: (is: boolean) => (broken = is) };
}

describe("how a spine does", () => {
  it("is told by agent, with what waits for it in both lanes, and by queue", async () => {
    const { report } = looking();
    expect(await report()).toEqual({
      at: START,
      agents: [
        { agent: "documents", ...RECORDS["documents"], queue: { visible: 0, inFlight: 0 }, deadLetters: 0 },
        { agent: "reply", ...RECORDS["reply"], queue: { visible: 5, inFlight: 1 }, deadLetters: 4 },
      ],
      queues: QUEUES,
    });
  });

  it("is looked at once for all who ask within two seconds, and again after a failure", async () => {
    const { report, clock, looks, breaks } = looking();
    expect(await Promise.all([report(), report()])).toHaveLength(2);
    clock.advanceBy(1_999);
    await report();
    expect(looks()).toBe(1);
    clock.advanceBy(1);
    breaks(true);
    await expect(report()).rejects.toThrow("down");
    breaks(false);
    expect((await report()).at).toBe(START + 2_000);
    expect(looks()).toBe(3);
  });
});
