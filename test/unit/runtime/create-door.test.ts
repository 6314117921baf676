import { describe, expect, it } from "vitest";
import * as z from "zod";
import { step } from "#core/flow/build.ts";
import type { SessionLog } from "#ports/session-log.ts";
import { createAdvanceSession } from "#runtime/session/advance-session.ts";
import { createDoor } from "#runtime/doors/create-door.ts";
import {
  answerOf,
  bulk,
  commitsOf,
  contractOf,
  createBench,
  eventInput,
  failure,
  flowOf,
  KEY,
  lastSent,
  ok,
  proofOf,
  tell,
  typesOf,
  type Bench,
  type BenchOptions,
} from "./engine.ts";

const DONE = ok({ text: "done" });
const payer = contractOf("payer", { effect: "once", reads: ["input"] });
const paying: BenchOptions = { agents: [payer], flows: [flowOf(step(payer))] };

/** A bench whose one task was just dispatched. */
async function working(options: BenchOptions = {}): Promise<Bench> {
  const bench = createBench(options);
  await tell(bench, [eventInput("1")]);
  return bench;
}

describe("the door", () => {
  it("accepts only the token of the exact attempt", async () => {
    const bench = await working();
    const door = createDoor(bench.engine);
    const task = lastSent(bench);
    const forged = [
      { ...proofOf(task), token: bulk(43, "A") },
      { ...proofOf(task), token: "" },
      { ...proofOf(task), attempt: 2 },
      { ...proofOf(task), session: "visit-2" as typeof task.session },
    ];
    for (const proof of forged) {
      const refusal = { code: "task.token", retryable: false, problems: [{ field: "token" }] };
      await expect(door.look(proof)).rejects.toMatchObject(refusal);
      await expect(door.claim(proof, "e1")).rejects.toMatchObject(refusal);
      await expect(door.answer({ ...proof, outcome: DONE })).rejects.toMatchObject(refusal);
    }
    expect(await commitsOf(bench)).toHaveLength(1);
  });

  it("names each invalid field of an answer", async () => {
    const bench = await working();
    const wrong = { ...answerOf(lastSent(bench), DONE), outcome: { status: "ok", result: 1, confidence: 7 } };
    await expect(createDoor(bench.engine).answer(wrong as never)).rejects.toMatchObject({
      code: "answer.malformed",
      problems: [{ field: "outcome.confidence" }],
    });
  });

  it.each([undefined, null, 7, "", "e".repeat(201), "line\nbreak", "\ud800", ["e1"]])(
    "takes no claim of an execution that is called %j, and says which field it is",
    async (execution) => {
      const bench = await working(paying);
      await expect(createDoor(bench.engine).claim(proofOf(lastSent(bench)), execution)).rejects.toMatchObject(
        {
          code: "answer.malformed",
          problems: [{ field: "execution" }],
        },
      );
      expect(await commitsOf(bench)).toHaveLength(1);
    },
  );

  it("reports a session that cannot be folded as unreadable, for every request", async () => {
    const bench = await working();
    const task = lastSent(bench);
    const garbled: SessionLog = {
      ...bench.log,
      readTail: async (key) => (await bench.log.readTail(key)).map((stored) => ({ ...stored, text: "{" })),
    };
    const door = createDoor({ ...bench.engine, log: garbled });
    const unreadable = { code: "session.unreadable", retryable: false };
    await expect(door.look(proofOf(task))).rejects.toMatchObject(unreadable);
    await expect(door.claim(proofOf(task), "e1")).rejects.toMatchObject(unreadable);
    await expect(door.answer(answerOf(task, DONE))).rejects.toMatchObject(unreadable);
  });
});

describe("a look", () => {
  it("lets a current attempt run, and writes nothing", async () => {
    const bench = await working();
    expect(await createDoor(bench.engine).look(proofOf(lastSent(bench)))).toEqual({ go: true });
    expect(await commitsOf(bench)).toHaveLength(1);
  });

  it("stops an answered attempt", async () => {
    const bench = await working();
    const door = createDoor(bench.engine);
    await door.answer(answerOf(lastSent(bench), DONE));
    expect(await door.look(proofOf(lastSent(bench)))).toEqual({ go: false, because: "settled" });
  });

  it("stops a timed-out attempt, because it is fenced", async () => {
    const bench = await working();
    bench.clock.advanceBy(60_000);
    await tell(bench, [eventInput("2")]);
    const [first] = bench.sent;
    if (first === undefined) throw new Error("Nothing was dispatched.");
    expect(await createDoor(bench.engine).look(proofOf(first))).toEqual({ go: false, because: "fenced" });
  });

  it("stops an attempt whose effect is claimed", async () => {
    const bench = await working(paying);
    const door = createDoor(bench.engine);
    await door.claim(proofOf(lastSent(bench)), "e1");
    expect(await door.look(proofOf(lastSent(bench)))).toEqual({ go: false, because: "claimed" });
  });
});

describe("a claim", () => {
  it("is committed before it is granted", async () => {
    const bench = await working(paying);
    expect(await createDoor(bench.engine).claim(proofOf(lastSent(bench)), "e1")).toEqual({ go: true });
    expect((await typesOf(bench)).at(-1)).not.toBe("AttemptDispatched");
    expect(await typesOf(bench)).toContain("EffectClaimed");
  });

  it("is granted again to the same execution only, with one claim in the log", async () => {
    const bench = await working(paying);
    const door = createDoor(bench.engine);
    const proof = proofOf(lastSent(bench));
    await door.claim(proof, "e1");
    expect(await door.claim(proof, "e1")).toEqual({ go: true });
    expect(await door.claim(proof, "e2")).toEqual({ go: false, because: "claimed" });
    expect((await typesOf(bench)).filter((type) => type === "EffectClaimed")).toHaveLength(1);
  });

  it("is rejected on a stale view", async () => {
    const careful = contractOf("payer", { effect: "once", reads: ["constraints"] });
    const bench = await working({
      agents: [careful],
      flows: [flowOf(step(careful), { onBusy: "parallel" })],
    });
    const proof = proofOf(lastSent(bench));
    await tell(bench, [eventInput("2", {}, { constraints: { limit: 5 } })]);
    expect(await createDoor(bench.engine).claim(proof, "e1")).toEqual({ go: false, because: "stale" });
    expect(await typesOf(bench)).toContain("ClaimRefused");
  });
});

describe("an answer that breaks its contract in many places", () => {
  const lister = contractOf("lister", { output: z.array(z.string()) });
  const wrong = ok(Array.from({ length: 60_000 }, () => 1));

  it("is described in at most 20 problems and 2,000 characters, in the response and in the log", async () => {
    const bench = await working({ agents: [lister], flows: [flowOf(step(lister))] });
    const verdict = await createDoor(bench.engine).answer(answerOf(lastSent(bench), wrong));
    expect(verdict.problems).toHaveLength(20);
    expect(JSON.stringify(verdict.problems).length).toBeLessThan(4_000);
    expect(JSON.stringify(await commitsOf(bench)).length).toBeLessThan(20_000);
    const failed = (await bench.reader.events(KEY)).find(({ type }) => type === "AttemptFailed");
    expect(failed).toMatchObject({ data: { error: { code: "answer.schema" } } });
    expect(JSON.stringify(failed).length).toBeLessThan(2_500);
  });

  it("is truncated when an agent reports more about its failure", async () => {
    const bench = await working();
    const failed = { ...failure(false), error: { code: "agent.failed", message: bulk(4_000, "x") } };
    await createDoor(bench.engine).answer(answerOf(lastSent(bench), failed as typeof wrong));
    expect(JSON.stringify(await commitsOf(bench))).not.toContain(bulk(2_001, "x"));
  });
});

describe("a claim by an agent whose contract has no effect", () => {
  const careful = contractOf("careful", { reads: ["constraints"] });

  it("is rejected, and is not in the log", async () => {
    const bench = await working();
    await expect(createDoor(bench.engine).claim(proofOf(lastSent(bench)), "e1")).rejects.toMatchObject({
      code: "effect.undeclared",
      retryable: false,
      problems: [{ field: "op" }],
    });
    expect(await commitsOf(bench)).toHaveLength(1);
  });

  it("does not make a stale result a fact", async () => {
    const bench = await working({
      agents: [careful],
      flows: [flowOf(step(careful), { onBusy: "parallel" })],
    });
    const task = lastSent(bench);
    const door = createDoor(bench.engine);
    await expect(door.claim(proofOf(task), "e1")).rejects.toMatchObject({ code: "effect.undeclared" });
    await tell(bench, [eventInput("2", {}, { constraints: { limit: 5 } })]);
    await door.answer(answerOf(task, DONE));
    expect(await typesOf(bench)).toContain("AnswerStale");
    expect(await typesOf(bench)).not.toContain("AnswerApplied");
  });

  it("gets the same response as any other when its attempt no longer counts", async () => {
    const bench = await working();
    const door = createDoor(bench.engine);
    await door.answer(answerOf(lastSent(bench), DONE));
    expect(await door.claim(proofOf(lastSent(bench)), "e1")).toEqual({ go: false, because: "settled" });
  });
});

describe("an answer", () => {
  it("is recorded, once", async () => {
    const bench = await working();
    const door = createDoor(bench.engine);
    const answer = answerOf(lastSent(bench), DONE);
    expect(await door.answer(answer)).toEqual({ type: "recorded" });
    expect(await door.answer(answer)).toEqual({ type: "settled" });
    expect((await typesOf(bench)).filter((type) => type === "AnswerApplied")).toHaveLength(1);
  });

  it("that breaks its contract is recorded as failed, and the agent learns the reason", async () => {
    const bench = await working();
    const verdict = await createDoor(bench.engine).answer(answerOf(lastSent(bench), ok({ text: 7 })));
    expect(verdict).toMatchObject({ type: "recorded", problems: [{ field: "result.text" }] });
    const failed = (await bench.reader.events(KEY)).find(({ type }) => type === "AttemptFailed");
    expect(failed).toMatchObject({ data: { error: { code: "answer.schema" }, retryable: true } });
  });

  it("over 200 KB is recorded as failed, and the agent learns the limit", async () => {
    const bench = await working();
    const answer = answerOf(lastSent(bench), ok({ text: bulk(200_001) }));
    expect(await createDoor(bench.engine).answer(answer)).toMatchObject({
      type: "recorded",
      problems: [{ field: "result", problem: expect.stringContaining("200000") as unknown }],
    });
  });

  it("that is a failure is retried according to the contract", async () => {
    const bench = await working();
    await createDoor(bench.engine).answer(answerOf(lastSent(bench), failure()));
    expect(await typesOf(bench)).toContain("RetryScheduled");
  });

  it("is redirected to the queue after two lost races", async () => {
    const bench = await working();
    let appends = 0;
    const lost: SessionLog = {
      ...bench.log,
      append: () => {
        appends += 1;
        return Promise.resolve("conflict");
      },
    };
    const door = createDoor({ ...bench.engine, log: lost });
    expect(await door.answer(answerOf(lastSent(bench), DONE))).toEqual({ type: "busy" });
    expect(appends).toBe(2);
  });

  it("that wins its second race is recorded", async () => {
    const bench = await working();
    let races = 0;
    const log: SessionLog = {
      ...bench.log,
      append: (key, commit) => (races++ === 0 ? Promise.resolve("conflict") : bench.log.append(key, commit)),
    };
    const door = createDoor({ ...bench.engine, log });
    expect(await door.answer(answerOf(lastSent(bench), DONE))).toEqual({ type: "recorded" });
  });
});

describe("a heartbeat", () => {
  const steady = contractOf("steady", { heartbeatMs: 5_000, timeoutMs: 60_000, reads: ["input"] });
  const beating: BenchOptions = { agents: [steady], flows: [flowOf(step(steady))] };

  it("is recorded outside the log while the answer counts, and rejected afterwards", async () => {
    const bench = await working(beating);
    const door = createDoor(bench.engine);
    const { token, ...attempt } = proofOf(lastSent(bench));
    expect(await door.beat({ ...attempt, token })).toEqual({ go: true });
    expect(await bench.engine.heartbeats.last([attempt])).toEqual([bench.clock.now()]);
    expect(await commitsOf(bench)).toHaveLength(1);
    await door.answer(answerOf(lastSent(bench), DONE));
    bench.clock.advanceBy(5_000);
    expect(await door.beat({ ...attempt, token })).toEqual({ go: false, because: "settled" });
    expect(await bench.engine.heartbeats.last([attempt])).toEqual([bench.clock.now() - 5_000]);
  });

  it("requires the token of the exact attempt", async () => {
    const bench = await working(beating);
    const forged = { ...proofOf(lastSent(bench)), token: bulk(43, "A") };
    await expect(createDoor(bench.engine).beat(forged)).rejects.toMatchObject({ code: "task.token" });
  });

  it("is accepted from the holder of an effect's claim", async () => {
    const bench = await working(paying);
    const door = createDoor(bench.engine);
    await door.claim(proofOf(lastSent(bench)), "e1");
    expect(await door.beat(proofOf(lastSent(bench)))).toEqual({ go: true });
  });

  it("that is missing is detected by the timer, which reads the heartbeats and records them", async () => {
    const bench = await working(beating);
    await createDoor(bench.engine).beat(proofOf(lastSent(bench)));
    const beatAt = bench.clock.now();
    bench.clock.advanceBy(15_000);
    await createAdvanceSession(bench.engine)(KEY, [{ kind: "deadline", at: beatAt + 15_000 }], () => true);
    const { task, attempt } = lastSent(bench);
    expect((await commitsOf(bench)).at(-1)?.seen.heartbeats).toEqual({ [`${task}/${attempt}`]: beatAt });
    expect(await typesOf(bench)).toContain("AttemptTimedOut");
  });
});
