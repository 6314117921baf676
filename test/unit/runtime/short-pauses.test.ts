import { describe, expect, it } from "vitest";
import { sequence, step } from "#core/flow/build.ts";
import { HOST_PAUSE_MS } from "#core/flow/bounds.ts";
import { verifyReplay } from "#core/session/replay.ts";
import { createDoor } from "#runtime/doors/create-door.ts";
import { hostOf, TASK } from "./agent-host.ts";
import {
  answerOf,
  commitsOf,
  contractOf,
  createBench,
  eventInput,
  failure,
  flowOf,
  lastSent,
  proofOf,
  START,
  tell,
  typesOf,
} from "./engine.ts";

async function failed(backoffMs: number) {
  const trying = contractOf("trying", { retries: { max: 2, backoffMs }, timeoutMs: 10_000 });
  const bench = createBench({
    agents: [trying],
    flows: [flowOf(sequence(step(trying)))],
    ports: () => ({ pauseMs: HOST_PAUSE_MS }),
  });
  await tell(bench, [eventInput("1")]);
  await createDoor(bench.engine).answer(answerOf(lastSent(bench), failure()));
  return bench;
}

describe("a retry", () => {
  it("after a pause of less than a second is dispatched at once, and its host waits", async () => {
    const bench = await failed(200);
    const again = lastSent(bench);
    expect(again.attempt).toBe(2);
    expect(again.notBefore).toBeGreaterThanOrEqual(START + 100);
    expect(again.notBefore).toBeLessThanOrEqual(START + 300);
    expect(again.deadline).toBe((again.notBefore ?? 0) + 10_000);
    expect((await typesOf(bench)).slice(-3)).toEqual([
      "AttemptFailed",
      "RetryScheduled",
      "AttemptDispatched",
    ]);
    expect(verifyReplay(await commitsOf(bench), bench.engine.application)).toBeUndefined();
  });

  it("after a longer pause waits for its timer", async () => {
    const bench = await failed(4_000);
    expect(bench.sent).toHaveLength(1);
    expect(await typesOf(bench)).toContain("DeadlineArmed");
  });
});

describe("a host", () => {
  it("begins no earlier than its task says, and waits a second at most", async () => {
    for (const notBefore of [START + 400, START + 90_000]) {
      const { host, clock, calls } = hostOf(() => "done");
      const served = host({ ...TASK, notBefore }, 1);
      await clock.runTo(Math.min(notBefore, START + 1_000) - 1);
      expect(calls).toEqual([]);
      await clock.runBy(1);
      expect(await served).toBe("answered");
      expect(calls).toEqual(["run"]);
    }
  });
});

describe("a claim without an outcome", () => {
  const settledAfter = async (onDoubt: "fail" | "repeat") => {
    const payer = contractOf("payer", { effect: "once", onDoubt, timeoutMs: 10_000 });
    const bench = createBench({ agents: [payer], flows: [flowOf(step(payer))] });
    await tell(bench, [eventInput("1")]);
    await createDoor(bench.engine).claim(proofOf(lastSent(bench)), "one");
    const claimed = (await bench.reader.events(lastSent(bench))).find(({ type }) => type === "EffectClaimed");
    expect(verifyReplay(await commitsOf(bench), bench.engine.application)).toBeUndefined();
    return claimed?.type === "EffectClaimed" ? claimed.data.settleAt - START : undefined;
  };

  it("is in doubt when its holder must be dead; where it may be repeated, when no answer counts any more", async () => {
    expect(await settledAfter("fail")).toBe(40_000);
    expect(await settledAfter("repeat")).toBe(12_000);
  });
});
