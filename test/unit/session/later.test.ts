import { describe, expect, it } from "vitest";
import * as z from "zod";
import { defineAgent } from "#core/contract.ts";
import { fallback, step } from "#core/flow/build.ts";
import { hostTimeMs, workTimeMs } from "#core/group-time.ts";
import { verifyReplay } from "#core/session/replay.ts";
import { dataOf } from "#testing/given-when-then.ts";
import { agent, applicationOf, flowOf, running } from "./sample.ts";

const DAY = 86_400_000;
const later = agent("a", { timeoutMs: 3 * DAY, later: true, onStale: "drop" });
const plan = step("a", { fallback: fallback.value("none") });
const problemsOf = (overrides: Parameters<typeof agent>[1]): unknown => {
  try {
    return agent("a", overrides);
  } catch (error) {
    return (error as { readonly problems: unknown }).problems;
  }
};

describe("a contract that may answer later", () => {
  it("leaves its function a minute, or what it says, and its work up to a year", () => {
    expect(later.spec).toMatchObject({ functionMs: 60_000, timeoutMs: 3 * DAY });
    expect(agent("a", { later: true, timeoutMs: 5_000 }).spec.functionMs).toBe(5_000);
    expect(agent("a", { later: { functionMs: 90_000 }, timeoutMs: 365 * DAY }).spec.functionMs).toBe(90_000);
    expect(agent("a").spec).not.toHaveProperty("functionMs");
  });

  it.each([
    [{ timeoutMs: 900_001 }, "timeoutMs"],
    [{ later: true, timeoutMs: 365 * DAY + 1 }, "timeoutMs"],
    [{ later: { functionMs: 0 }, timeoutMs: DAY }, "later.functionMs"],
    [{ later: { functionMs: 900_001 }, timeoutMs: DAY }, "later.functionMs"],
    [{ later: { functionMs: 20_000 }, timeoutMs: 10_000 }, "later.functionMs"],
  ] as const)("is rejected as %j", (overrides, field) => {
    expect(problemsOf(overrides)).toEqual([expect.objectContaining({ field })]);
  });

  it("keeps its function no longer than that, alone and in a group", () => {
    const other = agent("b", { timeoutMs: 10_000 }).spec;
    expect(workTimeMs(later.spec)).toBe(60_000);
    expect(hostTimeMs([later.spec])).toBe(65_000);
    expect(hostTimeMs([later.spec, other])).toBe(75_000);
  });

  it("may be given more time by a step than an agent that answers itself", () => {
    const long = step("a", { timeoutMs: 5 * DAY, fallback: fallback.skip() });
    expect(() => applicationOf([flowOf(long)], [later])).not.toThrow();
    expect(() => applicationOf([flowOf(long)])).toThrow("900000");
  });

  it("lets its implementation put off the answer, and no other contract's, by their types alone", () => {
    const output = z.object({ pages: z.number() });
    const may = defineAgent({ name: "may", output, later: true });
    const mayNot = defineAgent({ name: "may-not", output });
    may.implement(({ later }) => later(() => undefined));
    may.implement(() => ({ pages: 1 }));
    // @ts-expect-error Its result is that of the contract.
    may.implement(() => ({ pages: "one" }));
    // @ts-expect-error Its contract does not say `later`.
    mayNot.implement(({ later }) => later(() => undefined));
    expect(mayNot.spec).not.toHaveProperty("functionMs");
  });
});

describe("a task that is answered later", () => {
  it("has the contract's time, and is applied when the answer comes days later", () => {
    const w = running(plan, { agents: [later] });
    expect(w.order("a").deadline).toBe(w.now + 3 * DAY);
    w.now += 2 * DAY;
    expect(w.answer("a", "done").types[0]).toBe("AnswerApplied");
    expect(w.replies).toEqual(["done"]);
    expect(verifyReplay(w.commits, w.application)).toBeUndefined();
  });

  it("takes its fallback when no answer comes; one that comes after that is recorded as late", () => {
    const w = running(plan, { agents: [later] });
    w.deadline();
    expect(dataOf(w.events(), "AttemptTimedOut")).toHaveLength(1);
    expect(w.replies).toEqual(["none"]);
    expect(w.answer("a", "done").types).toEqual(["AnswerLate"]);
  });
});
