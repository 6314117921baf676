import { describe, expect, it } from "vitest";
import { ledgerOf } from "#console/model/ledger.ts";
import { outlines } from "./support/outlines.ts";

const created = (task: string, step: string) => ({ type: "TaskCreated", task, run: "r", step, agent: "a" });
const dispatched = (task: string, attempt: number, tokensLeft?: number) => ({
  type: "AttemptDispatched",
  ...{ task, attempt, agent: "a" },
  ...(tokensLeft !== undefined && { tokensLeft }),
});
const ended = (type: string, task: string, attempt: number, tokens: number) => ({
  type,
  task,
  attempt,
  tokens,
  money: tokens / 4,
});

describe("the ledger", () => {
  it("adds up by agent, step and attempt, and what was for nothing by its reason", () => {
    const { agents, steps, total, waste, attempts } = ledgerOf(
      outlines(
        created("t", "plan/0"),
        dispatched("t", 1),
        ended("AnswerStale", "t", 1, 10),
        dispatched("t", 2),
        ended("AttemptFailed", "t", 2, 5),
        dispatched("t", 3),
        ended("AnswerApplied", "t", 3, 7),
        created("u", "plan/1"),
        dispatched("u", 1),
      ),
    );
    expect(agents).toEqual([
      { name: "a", attempts: 4, tokens: 22, money: 5.5, wastedTokens: 15, wastedMoney: 3.75 },
    ]);
    expect(steps.map(({ name, tokens }) => [name, tokens])).toEqual([
      ["plan/0", 22],
      ["plan/1", 0],
    ]);
    expect(total).toMatchObject({ attempts: 4, tokens: 22, wastedTokens: 15 });
    expect([waste.stale.tokens, waste.late.tokens, waste.retried.tokens]).toEqual([10, 0, 5]);
    expect(attempts.map(({ outcome }) => outcome)).toEqual(["stale", "failed", "applied", "under way"]);
  });

  it("has the requests to AWS of each attempt, agent and step, and of what was for nothing", () => {
    const known = {
      total: 30,
      others: 11,
      attempts: [
        { task: "t", attempt: 1, requests: 9 },
        { task: "t", attempt: 2, requests: 10 },
      ],
    };
    const { agents, steps, attempts, waste, total } = ledgerOf(
      outlines(
        created("t", "plan/0"),
        dispatched("t", 1),
        ended("AnswerStale", "t", 1, 10),
        dispatched("t", 2),
        ended("AnswerApplied", "t", 2, 7),
        dispatched("t", 3),
      ),
      known,
    );
    expect(attempts.map(({ requests }) => requests)).toEqual([9, 10, undefined]);
    expect([agents[0]?.requests, steps[0]?.requests, total.requests]).toEqual([19, 19, 19]);
    expect([waste.stale.requests, waste.late.requests]).toEqual([9, undefined]);
  });

  it("counts once what a late answer cost after its attempt had timed out", () => {
    const { total, waste } = ledgerOf(
      outlines(
        created("t", "plan"),
        dispatched("t", 1),
        ended("AttemptTimedOut", "t", 1, 0),
        ended("AnswerLate", "t", 1, 9),
      ),
    );
    expect([total.tokens, waste.late.tokens, waste.late.attempts]).toEqual([9, 9, 1]);
  });

  it("counts what a fork reuses apart, with nothing spent on it", () => {
    const tasks = [{ task: "t", run: "r", step: "plan/0", agent: "a" }];
    const ledger = ledgerOf(
      outlines(
        {
          type: "SessionForked",
          forked: { origin: "o", at: 9, runs: [], tasks, uses: [{ at: 12, tokens: 70, money: 0.5 }] },
        },
        { type: "OutcomeReused", task: "t", from: 12 },
        created("u", "plan/1"),
        { type: "OutcomeReused", task: "u", from: 14 },
      ),
    );
    expect(ledger.reused).toEqual([
      { agent: "a", step: "plan/0", sequence: 2, from: 12, tokens: 70, money: 0.5 },
      { agent: "a", step: "plan/1", sequence: 4, from: 14, tokens: 0, money: 0 },
    ]);
    expect(ledger.saved).toEqual({ tokens: 70, money: 0.5 });
    expect([ledger.total.attempts, ledger.total.tokens, ledger.attempts]).toEqual([0, 0, []]);
  });

  it("knows the step of an attempt that goes on in a fork", () => {
    const tasks = [{ task: "t", run: "r", step: "plan/0", agent: "a" }];
    const { steps } = ledgerOf(
      outlines(
        { type: "SessionForked", forked: { origin: "o", at: 9, runs: [], tasks } },
        dispatched("t", 2),
        ended("AnswerApplied", "t", 2, 7),
      ),
    );
    expect(steps.map(({ name, tokens }) => [name, tokens])).toEqual([["plan/0", 7]]);
  });

  it("has the budget's way down", () => {
    expect(ledgerOf(outlines(dispatched("t", 1, 90), dispatched("u", 1, 40))).budgets).toEqual([
      { sequence: 1, tokensLeft: 90 },
      { sequence: 2, tokensLeft: 40 },
    ]);
  });
});
