import { describe, expect, it } from "vitest";
import type { TaskCallback } from "#core/later.ts";
import { hostOf, outcomesOf, TASK } from "./agent-host.ts";
import { START } from "./engine.ts";

const DAY = 86_400_000;
const LATER = { later: true, timeoutMs: DAY } as const;
const DISTANT = { ...TASK, deadline: START + DAY };

describe("the host of an agent that answers later", () => {
  it("gives whoever goes on all that an answer needs, as JSON, and lets the task go", async () => {
    let given: TaskCallback | undefined;
    const { host, door, queue, clock } = hostOf(
      ({ later }) => later((callback) => void (given = JSON.parse(JSON.stringify(callback)) as TaskCallback)),
      { contract: LATER },
    );
    expect(await host(DISTANT, 1)).toBe("later");
    const { tenant, session, task, attempt, token } = TASK;
    const answersAt = { door: "the-door", url: "https://answers" };
    expect(given).toEqual({ tenant, session, task, attempt, token, ...answersAt, deadline: START + DAY });
    expect([...door, ...queue]).toEqual([]);
    expect(clock.waiting).toBe(0);
  });

  it("answers at once what the agent answers at once", async () => {
    const { host, door } = hostOf(() => ({ said: "now" }), { contract: LATER });
    expect(await host(DISTANT, 1)).toBe("answered");
    expect(outcomesOf(door)).toEqual([{ status: "ok", result: { said: "now" } }]);
  });

  it("fails an attempt that could not be passed on, so that it is retried", async () => {
    const { host, door } = hostOf(({ later }) => later(() => Promise.reject(new Error("no job queue"))), {
      contract: LATER,
    });
    expect(await host(DISTANT, 1)).toBe("answered");
    expect(outcomesOf(door)).toMatchObject([
      { status: "failed", error: { code: "agent.failed", message: "no job queue" }, retryable: true },
    ]);
  });

  it("waits for its function's time only, long before the deadline", async () => {
    const { host, door, clock } = hostOf(() => new Promise<never>(() => undefined), {
      contract: { later: { functionMs: 20_000 }, timeoutMs: DAY },
    });
    const hosting = host(DISTANT, 1);
    await clock.runBy(19_999);
    expect(door).toEqual([]);
    await clock.runBy(1);
    expect(await hosting).toBe("answered");
    expect(outcomesOf(door)).toMatchObject([
      {
        error: {
          code: "agent.timeout",
          message: expect.stringContaining("too slow to answer or to pass") as string,
        },
      },
    ]);
  });

  it("looks first when the message comes again, and passes nothing on that no longer counts", async () => {
    const again = hostOf(({ later }) => later(() => undefined), { contract: LATER });
    expect(await again.host(DISTANT, 2)).toBe("later");
    expect(again.calls).toEqual(["look", "run"]);
    const over = hostOf(({ later }) => later(() => undefined), {
      contract: LATER,
      look: { go: false, because: "settled" },
    });
    expect(await over.host(DISTANT, 2)).toBe("not-run");
    expect(over.calls).toEqual(["look"]);
  });

  it("gives up asking a door that cannot be reached within its function's time", async () => {
    const unreachable = Array.from({ length: 100 }, () => new Error("no door"));
    const { host, clock } = hostOf(({ later }) => later(() => undefined), { contract: LATER, unreachable });
    const hosting = host(DISTANT, 2);
    const failing = expect(hosting).rejects.toThrow("no door");
    await clock.runBy(60_000);
    await failing;
  });

  it("tells the door of a task that was handed over that it has begun", async () => {
    const { host, calls } = hostOf(({ later }) => later(() => undefined), { contract: LATER });
    expect(await host({ ...DISTANT, handedBy: "t0/1" }, 0)).toBe("later");
    expect(calls).toEqual(["run", "beat"]);
  });

  it("stops its own heartbeats: whoever goes on sends them", async () => {
    let given: TaskCallback | undefined;
    const { host, calls, clock } = hostOf(({ later }) => later((callback) => void (given = callback)), {
      contract: { ...LATER, heartbeatMs: 10_000 },
    });
    expect(await host({ ...DISTANT, heartbeatMs: 10_000 }, 1)).toBe("later");
    expect(given?.heartbeatMs).toBe(10_000);
    await clock.runBy(60_000);
    expect(calls.filter((call) => call === "beat")).toHaveLength(1);
  });

  it("refuses to pass on the task of a contract that does not say so", async () => {
    const { host, door } = hostOf(({ later }) => later(() => undefined));
    expect(await host(TASK, 1)).toBe("answered");
    expect(outcomesOf(door)).toMatchObject([
      { status: "failed", error: { code: "contract.invalid" }, retryable: false },
    ]);
  });
});
