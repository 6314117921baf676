import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { AgentTask } from "#core/agent-task.ts";
import { answered } from "#core/contract.ts";
import { SpineError } from "#core/errors.ts";
import type { JsonObject } from "#core/json.ts";
import type { SpanAttributes, SpanStart, Tracer } from "#ports/tracer.ts";
import { attempt, greet, hostOf, outcomesOf, TASK } from "./agent-host.ts";
import { START } from "./engine.ts";

describe("the host of an agent", () => {
  it("runs it on the view and answers with the proof of the attempt", async () => {
    const { host, door, calls } = hostOf(greet);
    expect(await host(TASK, 1)).toBe("answered");
    const outcome = { status: "ok", result: { said: { text: "hello" } } };
    expect(door).toEqual([{ ...attempt, token: TASK.token, outcome }]);
    expect(calls).toEqual(["run"]);
  });

  it("passes on what the agent needs to act safely", async () => {
    let seen: AgentTask<JsonObject> | undefined;
    const { host } = hostOf((task) => ((seen = task), null));
    await host({ ...TASK, attempt: 2, budget: { tokens: 50 } }, 1);
    expect(seen).toMatchObject({
      ...attempt,
      attempt: 2,
      idempotencyKey: TASK.idempotencyKey,
      deadline: TASK.deadline,
      budget: { tokens: 50 },
      signal: { aborted: false },
    });
  });

  it("passes on the agent's confidence and usage", async () => {
    const { host, door } = hostOf(
      () => answered({ result: 1, confidence: 0.4, usage: { tokens: 9 } }) as never,
    );
    await host(TASK, 1);
    expect(outcomesOf(door)).toEqual([{ status: "ok", result: 1, confidence: 0.4, usage: { tokens: 9 } }]);
  });

  it("sums a model's tokens, and separates them only in the run's span", async () => {
    const spans: { readonly start: SpanStart; readonly set: SpanAttributes[] }[] = [];
    const tracer: Tracer = {
      span: (start, work) => {
        const set: SpanAttributes[] = [];
        spans.push({ start, set });
        return work({ set: (more) => void set.push(more), fail: () => undefined });
      },
    };
    const model = { provider: "aws.bedrock", model: "eu.vendor.model-v1:0" };
    const usage = { inputTokens: 100, outputTokens: 20, money: 0.5, ...model };
    const { host, door } = hostOf(() => answered({ result: 1, usage }) as never, { tracer });
    await host(TASK, 1);
    expect(outcomesOf(door)).toEqual([{ status: "ok", result: 1, usage: { tokens: 120, money: 0.5 } }]);
    expect(spans[0]?.start).toMatchObject({
      name: "invoke_agent writer",
      attributes: { "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "writer" },
    });
    expect(Object.assign({}, ...(spans[0]?.set ?? []))).toMatchObject({
      "gen_ai.usage.input_tokens": 100,
      "gen_ai.usage.output_tokens": 20,
      "gen_ai.provider.name": "aws.bedrock",
      "gen_ai.request.model": "eu.vendor.model-v1:0",
      "event_spine.usage.money": 0.5,
    });
  });

  it.each([{ outputTokens: -1 }, { inputTokens: NaN }, { provider: 7 }, { model: "m".repeat(257) }])(
    "rejects an invalid usage: %j",
    async (usage) => {
      const { host, door } = hostOf(() => answered({ result: 1, usage: usage as never }) as never);
      await host(TASK, 1);
      expect(outcomesOf(door)).toMatchObject([{ status: "failed", error: { code: "answer.malformed" } }]);
    },
  );
});

describe("before running", () => {
  it("looks when the message was redelivered", async () => {
    const { host, calls } = hostOf(greet);
    await host(TASK, 2);
    expect(calls).toEqual(["look", "run"]);
  });

  it("looks when the commit is older than a few seconds", async () => {
    const { host, calls } = hostOf(greet);
    await host({ ...TASK, committedAt: START - 5_000 }, 1);
    expect(calls).toEqual(["look", "run"]);
  });

  it("does not run an attempt that has ended, and sends no answer", async () => {
    const { host, calls, door, queue } = hostOf(greet, { look: { go: false, because: "settled" } });
    expect(await host(TASK, 2)).toBe("not-run");
    expect(calls).toEqual(["look"]);
    expect([...door, ...queue]).toEqual([]);
  });

  it("claims an effect, each execution under its own id", async () => {
    const { host, calls, claims } = hostOf(greet);
    await host({ ...TASK, effect: "once" }, 1);
    await host({ ...TASK, effect: "once" }, 2);
    expect(calls).toEqual(["claim", "run", "claim", "run"]);
    expect(claims[0]?.proof).toEqual({ ...attempt, token: TASK.token });
    expect(claims[0]?.execution).not.toBe(claims[1]?.execution);
  });

  it("does not run an effect whose claim is rejected", async () => {
    const { host, calls, door } = hostOf(greet, { claim: { go: false, because: "claimed" } });
    expect(await host({ ...TASK, effect: "once" }, 1)).toBe("not-run");
    expect(calls).toEqual(["claim"]);
    expect(door).toEqual([]);
  });
});

describe("a door that cannot be reached before running", () => {
  const lost = new SpineError("internal", "The door cannot be reached.", { retryable: true });
  const once = { ...TASK, effect: "once" } as const;

  it("is asked again; a claim whose answer was lost is granted to the same execution", async () => {
    const { host, clock, calls, claims, door } = hostOf(greet, { unreachable: [lost, lost, lost] });
    const done = host(once, 1);
    await clock.runBy(1_000);
    expect(await done).toBe("answered");
    expect(calls).toEqual(["claim", "claim", "claim", "claim", "run"]);
    expect(new Set(claims.map(({ execution }) => execution)).size).toBe(1);
    expect(outcomesOf(door)).toMatchObject([{ status: "ok" }]);
  });

  it("is asked again for a look, too", async () => {
    const { host, clock, calls } = hostOf(greet, { unreachable: [lost] });
    const done = host(TASK, 2);
    await clock.runBy(1_000);
    expect(await done).toBe("answered");
    expect(calls).toEqual(["look", "look", "run"]);
  });

  it("is given up when the task's time is over, and the message is redelivered", async () => {
    const { host, clock, calls } = hostOf(greet, { unreachable: Array.from({ length: 99 }, () => lost) });
    const done = expect(host(once, 1)).rejects.toBe(lost);
    await clock.runTo(TASK.deadline);
    await done;
    expect(calls).not.toContain("run");
    expect(clock.waiting).toBe(0);
  });

  it("is not asked again when it rejects", async () => {
    const refused = new SpineError("task.token", "The token does not prove this attempt.");
    const { host, calls } = hostOf(greet, { unreachable: [refused] });
    await expect(host(once, 1)).rejects.toBe(refused);
    expect(calls).toEqual(["claim"]);
  });
});

describe("time", () => {
  it("ends the run at the deadline: the signal aborts and the answer is in time", async () => {
    let aborted = false;
    const { host, clock, door } = hostOf(
      ({ signal }) =>
        new Promise(() => signal.addEventListener("abort", () => void (aborted = true), { once: true })),
    );
    const done = host(TASK, 1);
    await clock.runTo(TASK.deadline - 1);
    expect([aborted, door.length]).toEqual([false, 0]);
    await clock.runTo(TASK.deadline);
    expect(await done).toBe("answered");
    expect(aborted).toBe(true);
    expect(outcomesOf(door)).toMatchObject([
      { status: "failed", error: { code: "agent.timeout" }, retryable: true },
    ]);
    expect(door[0]?.outcome).not.toHaveProperty("effect");
  });

  it("leaves no timer behind", async () => {
    const { host, clock } = hostOf(greet);
    await host(TASK, 1);
    expect(clock.waiting).toBe(0);
  });

  it("that is already over is reported without running the agent, so an effect is not done", async () => {
    const { host, calls, door } = hostOf(greet);
    await host({ ...TASK, effect: "once", deadline: START - 1 }, 1);
    expect(calls).toEqual(["claim"]);
    expect(outcomesOf(door)).toMatchObject([
      { status: "failed", error: { code: "agent.timeout" }, effect: "not-done" },
    ]);
  });

  it("that ends while the view is fetched prevents the run", async () => {
    let deliver: (text: string) => void = () => undefined;
    const slow = new Promise<string>((resolve) => (deliver = resolve));
    const { host, clock, calls } = hostOf(greet, { fetchView: () => slow });
    const done = host({ ...TASK, viewUrl: "view" }, 1);
    await clock.runTo(TASK.deadline);
    await done;
    deliver("{}");
    await clock.runBy(1);
    expect(calls).toEqual([]);
  });
});

describe("an agent that throws", () => {
  it.each([
    ["any error: it may be passing", new Error("boom"), { code: "agent.failed", message: "boom" }, true],
    [
      "an error that is for good",
      new SpineError("agent.failed", "no"),
      { code: "agent.failed", message: "no" },
      false,
    ],
    [
      "an error that may pass",
      new SpineError("agent.unavailable", "later", { retryable: true }),
      { code: "agent.unavailable", message: "later" },
      true,
    ],
  ])("%s", async (_what, thrown, error, retryable) => {
    const { host, door } = hostOf(() => Promise.reject(thrown));
    expect(await host(TASK, 1)).toBe("answered");
    expect(outcomesOf(door)).toEqual([{ status: "failed", error, retryable }]);
  });

  it("synchronously is handled like one that rejects later", async () => {
    const { host, door } = hostOf(() => {
      throw new Error("boom");
    });
    await host(TASK, 1);
    expect(outcomesOf(door)).toMatchObject([{ status: "failed", error: { message: "boom" } }]);
  });

  it.each<[string, unknown, string]>([
    ["an object with a message", { message: "no more seats", code: 7 }, "no more seats"],
    ["an object", { code: 7 }, '{"code":7}'],
    ["a text", "no", "no"],
    ["nothing", undefined, "undefined"],
    ["an object without any prototype", Object.create(null), "{}"],
    ["a symbol", Symbol("x"), "Symbol(x)"],
    [
      "what cannot be read",
      {
        get message() {
          throw new Error("ha");
        },
      },
      "cannot be serialized",
    ],
  ])("%s is described in words", async (_what, thrown, words) => {
    const { host, door } = hostOf(() => Promise.reject(thrown));
    await host(TASK, 1);
    expect(outcomesOf(door)).toMatchObject([
      {
        status: "failed",
        error: { code: "agent.failed", message: expect.stringContaining(words) as string },
      },
    ]);
  });

  it("can report that its effect was not done", async () => {
    const thrown = new SpineError("agent.failed", "full", { details: { effect: "not-done" } });
    const { host, door } = hostOf(() => Promise.reject(thrown));
    await host({ ...TASK, effect: "once" }, 1);
    expect(outcomesOf(door)).toMatchObject([{ status: "failed", effect: "not-done" }]);
  });

  it("leaves an effect in doubt otherwise", async () => {
    const { host, door } = hostOf(() => Promise.reject(new Error("the line broke")));
    await host({ ...TASK, effect: "once" }, 1);
    expect(door[0]?.outcome).not.toHaveProperty("effect");
  });

  it("is quoted up to 2,000 characters", async () => {
    const { host, door } = hostOf(() => Promise.reject(new Error("x".repeat(9_000))));
    await host(TASK, 1);
    expect(outcomesOf(door)).toMatchObject([{ error: { message: `${"x".repeat(1_999)}…` } }]);
  });
});

describe("the route of the answer", () => {
  it("is the queue instead of the door for crowded steps", async () => {
    const { host, door, queue } = hostOf(greet);
    await host({ ...TASK, answerBy: "queue" }, 1);
    expect([door.length, queue.length]).toEqual([0, 1]);
  });

  it("is the queue when the door is busy", async () => {
    const { host, queue } = hostOf(greet, { answer: "busy" });
    expect(await host(TASK, 1)).toBe("answered");
    expect(outcomesOf(queue)).toMatchObject([{ status: "ok" }]);
  });

  it.each([
    ["throttled", new SpineError("log.unavailable", "throttled", { retryable: true })],
    ["unreachable", new Error("connection refused")],
  ])("is the queue when the door is %s", async (_why, error) => {
    const { host, queue } = hostOf(greet, { answer: error });
    expect(await host(TASK, 1)).toBe("answered");
    expect(queue).toHaveLength(1);
  });

  it.each(["recorded", "settled"] as const)("is only the door when it says %s", async (verdict) => {
    const { host, door, queue } = hostOf(greet, { answer: verdict });
    await host(TASK, 1);
    expect([door.length, queue.length]).toEqual([1, 0]);
  });

  it("ends when the door rejects permanently, because the queue would reject too", async () => {
    const refused = new SpineError("task.token", "The token does not prove this attempt.");
    const { host, queue } = hostOf(greet, { answer: refused });
    await expect(host(TASK, 1)).rejects.toBe(refused);
    expect(queue).toEqual([]);
  });

  it("ends with a redelivered message when both fail", async () => {
    const down = new Error("connection refused");
    const { host } = hostOf(greet, { answer: down, queue: down });
    await expect(host(TASK, 1)).rejects.toBe(down);
  });
});

describe("an agent that is asked whether an effect in doubt happened", () => {
  const asked = { ...TASK, effect: "once", settles: true } as const;

  it("claims nothing, does not act, and passes on its target's answer", async () => {
    const yes = hostOf(greet, {
      resolve: ({ idempotencyKey }) => ({ happened: true, result: idempotencyKey }),
    });
    await yes.host(asked, 1);
    expect(yes.calls).toEqual([]);
    expect(outcomesOf(yes.door)).toEqual([{ status: "ok", result: TASK.idempotencyKey }]);
    const no = hostOf(greet, { resolve: () => ({ happened: false }) });
    await no.host(asked, 2);
    expect(no.calls).toEqual(["look"]);
    expect(outcomesOf(no.door)).toMatchObject([{ status: "failed", effect: "not-done" }]);
  });

  it("reports nothing about the effect when it cannot find out", async () => {
    const unsure = [
      hostOf(greet, { resolve: () => Promise.reject(new Error("no connection")) }),
      hostOf(greet, {
        resolve: () =>
          Promise.reject(
            new SpineError("agent.failed", "The question was not asked.", {
              details: { effect: "not-done" },
            }),
          ),
      }),
      hostOf(greet),
      hostOf(greet, { resolve: () => ({ happened: false }), input: z.object({ absent: z.string() }) }),
    ];
    for (const { host, door } of unsure) {
      await host(asked, 1);
      expect(outcomesOf(door)).toMatchObject([{ status: "failed" }]);
      expect(outcomesOf(door)[0]).not.toHaveProperty("effect");
    }
  });
});
