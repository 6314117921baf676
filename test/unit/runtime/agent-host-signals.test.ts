import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { AgentTask } from "#core/agent-task.ts";
import type { JsonObject } from "#core/json.ts";
import type { TaskSignal } from "#core/session/signal/task-signal.ts";
import { hostOf, outcomesOf, TASK } from "./agent-host.ts";
import { START } from "./engine.ts";

const TOLD = { signals: { typed: z.string(), enough: z.null() } };
const LONG = { ...TASK, deadline: START + 60_000 };
const signal = (number: number, name = "typed"): TaskSignal => ({ number, name, data: `s${number}` });

/** A host beside a door that tells what is put there. */
function told(run: (task: AgentTask<JsonObject>) => Promise<string>, contract: object = TOLD) {
  const signals: TaskSignal[] = [];
  const at = { down: false, over: false };
  const bench = hostOf(run, {
    contract,
    signals: (after) => {
      if (at.down) return Promise.reject(new Error("The door is down."));
      const since = signals.filter(({ number }) => number > after);
      return Promise.resolve(
        at.over ? { go: false, because: "settled", signals: [] } : { go: true, signals: since },
      );
    },
  });
  const numbers = () => bench.calls.filter((call) => call.startsWith("signals"));
  return { ...bench, signals, at, numbers };
}

describe("an agent that asks what it was told", () => {
  it("gets what came since it asked last, in order, and asks the door for nothing else", async () => {
    const heard: unknown[] = [];
    const { host, signals, numbers } = told(async (task) => {
      signals.push(signal(1), signal(2));
      heard.push(await task.signals(), await task.signals());
      signals.push(signal(3));
      heard.push(await task.signals());
      return "done";
    });
    expect(await host(LONG, 1)).toBe("answered");
    expect(heard).toEqual([[signal(1), signal(2)], [], [signal(3)]]);
    expect(numbers()).toEqual(["signals after 0", "signals after 2", "signals after 2"]);
  });

  it("gets each once where it asks twice at a time", async () => {
    let heard: readonly unknown[] = [];
    const { host, signals, numbers } = told(async (task) => {
      signals.push(signal(1), signal(2));
      heard = (await Promise.all([task.signals(), task.signals()])).flat();
      return "done";
    });
    await host(LONG, 1);
    expect(heard).toEqual([signal(1), signal(2)]);
    expect(numbers()).toEqual(["signals after 0"]);
  });

  it("works on where the door cannot be reached, and gets all of it later", async () => {
    const heard: unknown[] = [];
    const { host, signals, at } = told(async (task) => {
      at.down = true;
      signals.push(signal(1));
      heard.push(await task.signals());
      at.down = false;
      heard.push(await task.signals());
      return "done";
    });
    expect(await host(LONG, 1)).toBe("answered");
    expect(heard).toEqual([[], [signal(1)]]);
  });

  it("is not told what only another agent of its step takes", async () => {
    let heard: unknown;
    const { host, signals } = told(async (task) => {
      signals.push(signal(1, "faster"), signal(2));
      heard = await task.signals();
      return "done";
    });
    await host(LONG, 1);
    expect(heard).toEqual([signal(2)]);
  });

  it("costs nothing where it does not ask", async () => {
    const { host, numbers } = told(() => Promise.resolve("done"));
    await host(LONG, 1);
    expect(numbers()).toEqual([]);
  });

  it("fails where its contract takes none, and is told how to declare them", async () => {
    const { host, door } = told(async (task) => (await task.signals(), "done"), {});
    await host(LONG, 1);
    expect(outcomesOf(door)).toMatchObject([
      { status: "failed", error: { code: "contract.invalid", message: expect.stringContaining("signals") } },
    ]);
  });
});

describe("an agent that waits for what it is told", () => {
  it("gets each as it comes, asking every second at first and every five at last", async () => {
    const heard: number[] = [];
    const { host, signals, numbers, clock } = told(async (task) => {
      for await (const { number } of task.signals) {
        heard.push(number);
        if (number === 2) break;
      }
      return "done";
    });
    const hosting = host(LONG, 1);
    await clock.runBy(0);
    await clock.runBy(1_000);
    expect(numbers()).toHaveLength(2);
    await clock.runBy(20_000);
    // 1, 2.5, 4.75, 8.125, then every 5 s: 13.125, 18.125.
    expect(numbers()).toHaveLength(7);
    signals.push(signal(1));
    await clock.runBy(5_000);
    expect(heard).toEqual([1]);
    signals.push(signal(2));
    await clock.runBy(5_000);
    expect(await hosting).toBe("answered");
    expect(heard).toEqual([1, 2]);
    expect(clock.waiting).toBe(0);
  });

  it("waits no longer when its answer counts no longer, or when its time is over", async () => {
    const { host, at, clock, calls } = told(async (task) => {
      for await (const one of task.signals) throw new Error(`It got ${one.name}.`);
      return "ended";
    });
    const hosting = host(LONG, 1);
    await clock.runBy(0);
    at.over = true;
    await clock.runBy(1_000);
    expect(await hosting).toBe("answered");
    const again = host({ ...LONG, deadline: START + 5_000 }, 1);
    at.over = false;
    await clock.runBy(0);
    await clock.runBy(60_000);
    expect(await again).toBe("answered");
    expect(calls.filter((call) => call.startsWith("signals")).length).toBeLessThan(8);
    expect(clock.waiting).toBe(0);
  });
});
