import { describe, expect, it } from "vitest";
import { human, parallel, sequence, step, waitFor } from "#core/flow/build.ts";
import { summarize, type SessionRow, type Summary } from "#core/session/summary/summary.ts";
import { World } from "#testing/given-when-then.ts";
import { agent, applicationOf, running } from "./sample.ts";

function rowOf({ commits }: World): SessionRow {
  const summary = commits.reduce<Summary | undefined>(summarize, undefined);
  if (summary === undefined) throw new Error("The session has no commit.");
  return summary.row;
}

describe("the summary of a session", () => {
  it("tells of a run under way which flow runs in which version, and since when", () => {
    const w = running(step("a"));
    const flow = Object.values(w.state.runs)[0]?.flow;
    expect(rowOf(w)).toEqual({
      session: "s1",
      state: "running",
      sequence: w.state.sequence,
      startedAt: 1_000_000,
      lastAt: 1_000_000,
      flows: [{ name: "visit", flow, runs: 1 }],
      agents: ["a"],
      tokens: 0,
      money: 0,
    });
  });

  it("changes at no step between two agents, and has agents and tokens when the run ends", () => {
    const w = running(sequence(step("a"), step("b")));
    const started = rowOf(w);
    w.wait(100);
    w.answer("a", {}, { usage: { tokens: 7, money: 0.5 } });
    expect(rowOf(w)).toEqual(started);
    w.answer("b", {}, { usage: { tokens: 3 } });
    expect(rowOf(w)).toMatchObject({
      state: "idle",
      agents: ["a", "b"],
      tokens: 10,
      money: 0.5,
      lastAt: 1_000_100,
    });
  });

  it("says whom it waits for: a person before anything else, and till when", () => {
    const w = running(
      parallel({
        branches: {
          ask: human({ ask: "May Ada come?", into: "may", timeoutMs: 60_000 }),
          wait: waitFor("Paid", { timeoutMs: 30_000 }),
          work: step("a"),
        },
      }),
    );
    const row = rowOf(w);
    expect(row).toMatchObject({ state: "asking", waitsFor: { kind: "person", until: 1_060_000 } });
    expect(JSON.stringify(row)).not.toContain("Ada");
  });

  it("waits for an event only when no agent works", () => {
    const w = running(
      parallel({ branches: { wait: waitFor("Paid", { timeoutMs: 30_000 }), work: step("a") } }),
    );
    expect(rowOf(w).state).toBe("running");
    w.answer("a", {});
    expect(rowOf(w)).toMatchObject({
      state: "waiting",
      waitsFor: { kind: "event", name: "Paid", until: 1_030_000 },
    });
  });

  it("names a long pause before an attempt, and takes a short one for work", () => {
    const pausing = (backoffMs: number) => {
      const w = running(step("slow"), { agents: [agent("slow", { retries: { max: 1, backoffMs } })] });
      w.fail("slow", { retryable: true });
      return rowOf(w);
    };
    expect(pausing(1_000).state).toBe("running");
    expect(pausing(600_000)).toMatchObject({ state: "waiting", waitsFor: { kind: "time", name: "slow" } });
  });

  it("keeps the worst problem until a run begins with none beside it", () => {
    const w = running(step("a"));
    w.fail("a");
    expect(rowOf(w)).toMatchObject({ state: "idle", problem: { kind: "failed" } });
    w.event("Asked");
    expect(rowOf(w)).not.toHaveProperty("problem");
  });

  it("is in doubt until a person says whether the effect happened", () => {
    const onDoubt = { person: "Did the payment go through?", timeoutMs: 600_000 } as const;
    const w = running(step("pay"), { agents: [agent("pay", { effect: "once", onDoubt })] });
    w.claim("pay");
    w.deadline(w.now + 60_000);
    expect(rowOf(w)).toMatchObject({ state: "asking", problem: { kind: "in-doubt", step: "plan" } });
    w.person({ happened: true, result: {} });
    expect(rowOf(w)).toMatchObject({ state: "idle" });
    expect(rowOf(w).problem?.kind).not.toBe("in-doubt");
  });

  it("names the first sixteen flows of a session that ran more", () => {
    const names = Array.from({ length: 18 }, (_, at) => `flow${at}`);
    const flows = names.map((name) => ({ name, on: `Asked${name}`, plan: step("a") }));
    const w = new World(applicationOf(flows));
    for (const name of names) {
      w.event(`Asked${name}`);
      w.answer("a", {});
    }
    expect(rowOf(w).flows.map(({ name }) => name)).toEqual(names.slice(0, 16));
  });

  it("refuses a commit that does not follow", () => {
    const w = running(sequence(step("a"), step("b")));
    w.answer("a", {});
    const [, second] = w.commits;
    expect(() => second && summarize(undefined, second)).toThrow("follows sequence 0");
  });
});
