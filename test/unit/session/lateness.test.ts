import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fallback, human, parallel, sequence, step, waitFor } from "#core/flow/build.ts";
import type { PlanNode } from "#core/flow/plan.ts";
import type { AnswerInput } from "#core/session/input.ts";
import { verifyReplay } from "#core/session/replay.ts";
import { dataOf, type World } from "#testing/given-when-then.ts";
import { agent, isDone, reasonOf, running } from "./sample.ts";

const START = 1_000_000;
const ok = (result: number) => ({ status: "ok", result }) as const;
/** An answer that the queue took at one time and that is decided at another. */
const arrived = (w: World, name: string, acceptedAt: number, at: number, outcome: AnswerInput["outcome"]) => {
  w.now = START + at;
  return w.send({ ...(w.answerInput(name, outcome) as AnswerInput), acceptedAt: START + acceptedAt });
};
const applied = (w: World) => dataOf(w.events(), "AnswerApplied").map(({ result }) => result);

describe("a person's answer", () => {
  const asking = human({ ask: "Buy?", into: "consent", timeoutMs: 5_000, onTimeout: "continue" });

  it("counts until its question times out, and not afterwards, even if no timer has fired yet", () => {
    const intime = running(sequence(asking, step("a")));
    intime.wait(4_999).person("yes");
    expect(intime.own("consent")).toBe("yes");
    const late = running(sequence(asking, step("a")));
    const { verdicts, events } = late.wait(5_000).person("yes");
    expect(verdicts).toEqual([
      {
        type: "refused",
        code: "question.closed",
        message: expect.stringContaining("could be answered until 1970-01-01T00:16:45.000Z") as string,
        retryable: false,
      },
    ]);
    expect(events).toEqual([]);
    late.deadline();
    expect(late.own("consent")).toBeUndefined();
    expect(late.pending).toEqual(["a"]);
  });

  it.each<[string, PlanNode, Parameters<typeof running>[1]]>([
    ["the steps around the question", sequence({ timeoutMs: 3_000 }, human({ ask: "Buy?" })), {}],
    [
      "a parallel around it",
      parallel({ branches: { x: human({ ask: "Buy?" }), y: step("a") }, timeoutMs: 3_000 }),
      {},
    ],
    ["its run", human({ ask: "Buy?" }), { timeoutMs: 3_000 }],
    [
      "a step that a person takes over",
      step("a", { fallback: fallback.human({ ask: "Buy?" }) }),
      { timeoutMs: 3_000 },
    ],
  ])("is late when the time of %s is over", (_what, plan, options) => {
    const w = running(plan, options);
    if (w.pending.includes("a") && dataOf(w.events(), "HumanAsked").length === 0) w.fail("a");
    expect(w.wait(3_000).person("yes").verdicts).toMatchObject([
      { type: "refused", code: "question.closed" },
    ]);
  });

  it("about an effect in doubt is late in the same way", () => {
    const act = agent("a", { effect: "once", onDoubt: { person: "Booked?", timeoutMs: 4_000 } });
    const w = running(step("a"), { agents: [act] });
    w.claim("a");
    w.deadline(w.nextDue());
    expect(w.wait(4_000).person({ happened: true, result: 1 }).verdicts).toMatchObject([
      { type: "refused", code: "question.closed" },
    ]);
    w.deadline();
    expect(dataOf(w.events(), "HumanExpired")).toHaveLength(1);
    expect(applied(w)).toEqual([]);
  });

  it("under form 1 counts until the timer's message is handled, as in old logs", () => {
    const w = running(asking, { world: { form: 1 } });
    w.wait(9_000).person("yes");
    expect(isDone(w)).toBe(true);
    expect(verifyReplay(w.commits, w.application)).toBeUndefined();
  });
});

describe("an awaited event", () => {
  it("satisfies no wait whose time is over, even if no timer has fired yet", () => {
    const w = running(sequence(waitFor("Paid", { into: "coins", timeoutMs: 5_000 }), step("a")));
    expect(w.wait(5_000).event("Paid", 1).events[0]).toMatchObject({ data: { disposition: "ignored" } });
    expect(reasonOf(w)).toBe("step.timeout");
  });
});

describe("an agent's answer", () => {
  // Its own time is over after 10 s, and 2 s later for the spine.
  const plan = step("a", { fallback: fallback.value("none") });

  it("is late after its timeout, even if no timer has fired yet", () => {
    const w = running(plan);
    const { types } = w.wait(12_000).answer("a", 1);
    expect(types.slice(0, 3)).toEqual(["AnswerLate", "AttemptTimedOut", "FallbackTaken"]);
    expect(w.replies).toEqual(["none"]);
    expect(running(plan).wait(11_999).answer("a", 1).types[0]).toBe("AnswerApplied");
  });

  it("counts when it was accepted in time, however late it is decided", () => {
    const w = running(plan);
    expect(arrived(w, "a", 11_999, 60_000, ok(1)).types[0]).toBe("AnswerApplied");
    expect(w.replies).toEqual([1]);
    expect(verifyReplay(w.commits, w.application)).toBeUndefined();
  });

  it("that was accepted in time completes the enclosing steps, even if their time is over when it is decided", () => {
    const w = running(sequence(sequence({ timeoutMs: 5_000 }, step("a")), step("b")));
    arrived(w, "a", 4_000, 6_000, ok(1));
    expect(applied(w)).toEqual([1]);
    expect(w.pending).toEqual(["b"]);
    expect(verifyReplay(w.commits, w.application)).toBeUndefined();
  });

  it("is late when the time of the enclosing steps was over when it was accepted", () => {
    const w = running(sequence({ timeoutMs: 5_000 }, step("a")));
    expect(arrived(w, "a", 5_000, 5_500, ok(1)).types[0]).toBe("AnswerLate");
    expect(reasonOf(w)).toBe("step.timeout");
  });

  it("that reports a failure is late, or counts, in the same way", () => {
    const failed = (effect?: "not-done"): AnswerInput["outcome"] => ({
      status: "failed",
      error: { code: "agent.failed", message: "no" },
      retryable: false,
      ...(effect !== undefined && { effect }),
    });
    const late = running(plan);
    expect(arrived(late, "a", 12_000, 12_000, failed()).types[0]).toBe("AnswerLate");
    const intime = running(plan);
    expect(arrived(intime, "a", 11_000, 13_000, failed()).types[0]).toBe("AttemptFailed");
    expect(verifyReplay(intime.commits, intime.application)).toBeUndefined();
  });

  it("is recorded once when it is late, and its cost is counted once", () => {
    const w = running(step("a", { retries: { max: 1, backoffMs: 1_000 } }));
    const answer = w.answerInput("a", { status: "ok", result: 1, usage: { tokens: 7 } });
    w.wait(12_000).send(answer);
    expect(w.send(answer).types).toEqual([]);
    expect(dataOf(w.events(), "AnswerLate")).toHaveLength(1);
    expect(Object.values(w.state.runs)).toMatchObject([{ tokens: 7 }]);
  });

  it("that is late twice in one batch is recorded once", () => {
    const w = running(sequence({ timeoutMs: 5_000 }, parallel({ branches: { x: step("a"), y: step("b") } })));
    const answer = w.answerInput("a", ok(1));
    w.wait(5_000).send(answer, answer);
    expect(dataOf(w.events(), "AnswerLate")).toHaveLength(1);
  });

  it("about a claimed effect is never late before its doubt must be resolved", () => {
    const act = agent("a", { effect: "once" });
    const w = running(step("a"), { agents: [act] });
    w.claim("a");
    const [{ settleAt } = { settleAt: 0 }] = dataOf(w.events(), "EffectClaimed");
    w.now = settleAt - 1;
    expect(w.answer("a", "booked").types[0]).toBe("AnswerApplied");
  });

  it("cannot be preceded by a claim after its time", () => {
    const w = running(step("a"), { agents: [agent("a", { effect: "once" })] });
    expect(w.wait(12_000).claim("a").verdicts).toEqual([{ type: "nothing", because: "fenced" }]);
  });

  it("has the same result whether the timer's message is handled before or after it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 20_000 }),
        fc.integer({ min: 1, max: 15_000 }),
        (at, timeoutMs) => {
          const ends = [true, false].map((timerFirst) => {
            const w = running(sequence({ timeoutMs }, plan));
            w.now = START + at;
            const due = w.nextDue() ?? Infinity;
            if (timerFirst && due <= w.now) w.send({ kind: "deadline", at: due });
            w.answer("a", 1);
            w.now = START + 30_000;
            while (!isDone(w)) w.deadline();
            return { replies: w.replies, reason: reasonOf(w) };
          });
          expect(ends[0]).toEqual(ends[1]);
        },
      ),
      { numRuns: 50 },
    );
  });
});
