import { beforeEach, describe, expect, it } from "vitest";
import { BREAKER_RULES } from "#core/breaker.ts";
import { createMemoryAgentHealth } from "#memory/memory-agent-health.ts";
import { createMovableClock, type MovableClock } from "#memory/movable-clock.ts";
import type { AgentHealth } from "#ports/agents.ts";
import { describeAgentHealth } from "../agent-health.ts";

describeAgentHealth("memory", () => {
  const clock = createMovableClock(0);
  return Promise.resolve({ health: createMemoryAgentHealth(clock), pass: async (ms) => clock.advanceBy(ms) });
});

describe("the memory breaker's thresholds", () => {
  let clock: MovableClock;
  let health: AgentHealth;

  beforeEach(() => {
    clock = createMovableClock(1_000_000);
    health = createMemoryAgentHealth(clock);
  });

  const report = (outcome: "ok" | "failed", times: number) => {
    for (let time = 0; time < times; time += 1) health.report("writer", outcome);
  };
  const state = async () => (await health.breakerStates())["writer"];

  it("opens at the tenth outcome, not at the ninth", async () => {
    report("failed", 9);
    expect(await state()).toBeUndefined();
    report("failed", 1);
    expect(await state()).toBe("open");
  });

  it("opens when half of the outcomes are failures, not below", async () => {
    report("ok", 6);
    report("failed", 5);
    expect(await state()).toBeUndefined();
    report("failed", 1);
    expect(await state()).toBe("open");
  });

  it("ignores outcomes older than the window", async () => {
    report("failed", 9);
    clock.advanceBy(BREAKER_RULES.windowMs);
    report("failed", 9);
    expect(await state()).toBeUndefined();
    report("failed", 1);
    expect(await state()).toBe("open");
  });

  it("evaluates the newest outcomes only", async () => {
    report("ok", 1_000);
    report("failed", BREAKER_RULES.keep / 2);
    expect(await state()).toBe("open");
  });

  it("stays open for its time, whatever late outcomes arrive", async () => {
    report("failed", 10);
    clock.advanceBy(BREAKER_RULES.openMs - 1);
    report("ok", 20);
    expect(await state()).toBe("open");
    clock.advanceBy(1);
    expect(await state()).toBe("probe");
  });

  it("allows a probe to one caller at a time", async () => {
    report("failed", 10);
    clock.advanceBy(BREAKER_RULES.openMs);
    expect(await state()).toBe("probe");
    expect(await state()).toBe("open");
    clock.advanceBy(BREAKER_RULES.probeMs);
    expect(await state()).toBe("probe");
    expect(await state()).toBe("open");
  });

  it("starts counting from zero when it closes", async () => {
    report("failed", 10);
    clock.advanceBy(BREAKER_RULES.openMs);
    report("ok", 1);
    report("failed", 8);
    expect(await state()).toBeUndefined();
  });
});

it("agent health in memory tells when a breaker opened and closed, the newest first", async () => {
  const clock = createMovableClock(1_000);
  const health = createMemoryAgentHealth(clock);
  for (let time = 0; time < 100; time += 1) health.report("writer", "failed");
  clock.advanceBy(BREAKER_RULES.openMs);
  await health.breakerStates();
  clock.advanceBy(1);
  for (let time = 0; time < 100; time += 1) health.report("writer", "ok");
  const [writer, reader] = await health.lately(["writer", "reader"]);
  expect(writer?.changes.map(({ to }) => to)).toEqual(["closed", "open"]);
  expect(writer?.changes.at(-1)?.at).toBe(1_000);
  expect(reader?.changes).toEqual([]);
});
