import { beforeEach, describe, expect, it } from "vitest";
import type { AgentHealth } from "#ports/agents.ts";

export interface HealthHarness {
  readonly health: AgentHealth;
  /** Lets time pass, on whatever clock the implementation reads. */
  pass(ms: number): Promise<void>;
}

/** Holds an implementation of AgentHealth to the port's rules; thresholds are its own matter. */
export function describeAgentHealth(name: string, makeHealth: () => Promise<HealthHarness>): void {
  describe(`agent health: ${name}`, () => {
    let health: AgentHealth;
    let pass: HealthHarness["pass"];

    beforeEach(async () => {
      ({ health, pass } = await makeHealth());
    });

    function reportMany(agent: string, outcome: Parameters<AgentHealth["report"]>[1], times = 100) {
      for (let time = 0; time < times; time += 1) health.report(agent, outcome);
    }

    /** Waits for the first probe after the breaker opened. */
    async function untilProbe(agent: string): Promise<void> {
      for (let waited = 0; waited < 120; waited += 1) {
        const state = (await health.breakerStates())[agent];
        if (state === "probe") return;
        expect(state).toBe("open");
        await pass(1_000);
      }
      throw new Error(`no probe of ${agent} within two minutes`);
    }

    it("lists no agent while nothing is known", async () => {
      expect(await health.breakerStates()).toEqual({});
    });

    it("lists no agent while agents succeed, or fail once", async () => {
      reportMany("writer", "ok");
      health.report("writer", "failed");
      health.report("reader", "timed-out");
      await pass(1);
      expect(await health.breakerStates()).toEqual({});
    });

    it("lists names that begin as asked, and grants nobody else's probe", async () => {
      for (const tenant of ["acme", "globex"]) reportMany(`${tenant}/writer`, "failed");
      await pass(1);
      expect(await health.breakerStates("acme/")).toEqual({ "acme/writer": "open" });
      for (let waited = 0; waited < 120; waited += 1) {
        if ((await health.breakerStates("globex/"))["globex/writer"] === "probe") break;
        await pass(1_000);
      }
      expect(await health.breakerStates("acme/")).toEqual({ "acme/writer": "probe" });
    });

    it.each(["failed", "timed-out"] as const)(
      "opens for an agent that keeps being %s, and for no other",
      async (outcome) => {
        reportMany("writer", outcome);
        reportMany("reader", "ok");
        await pass(1);
        expect(await health.breakerStates()).toEqual({ writer: "open" });
      },
    );

    it("opens for an agent whose answers are nearly all slow, not for one that is occasionally slow", async () => {
      reportMany("writer", "slow");
      reportMany("reader", "ok", 20);
      reportMany("reader", "slow", 30);
      await pass(1);
      expect(await health.breakerStates()).toEqual({ writer: "open" });
    });

    it("opens again when the probe is slow", async () => {
      reportMany("writer", "failed");
      await untilProbe("writer");
      health.report("writer", "slow");
      await pass(1);
      expect(await health.breakerStates()).toEqual({ writer: "open" });
    });

    it("probes an open agent after a while and closes when the probe succeeds", async () => {
      reportMany("writer", "failed");
      await untilProbe("writer");
      health.report("writer", "ok");
      await pass(1);
      expect(await health.breakerStates()).toEqual({});
    });

    it("opens again when the probe fails", async () => {
      reportMany("writer", "failed");
      await untilProbe("writer");
      health.report("writer", "timed-out");
      await pass(1);
      expect(await health.breakerStates()).toEqual({ writer: "open" });
    });

    it("probes again when a probe's outcome is lost", async () => {
      reportMany("writer", "failed");
      await untilProbe("writer");
      await pass(1);
      await untilProbe("writer");
    });
  });
}
