import { describe, expect, it } from "vitest";
import { createMovableClock } from "#memory/movable-clock.ts";
import { itemBytes } from "#local/dynamodb/item-size.ts";
import { createThroughput, readUnits, writeUnits } from "#local/dynamodb/throughput.ts";
import { invokeAsync } from "#local/lambda/invoke-async.ts";
import type { Invocation } from "#local/lambda/lambda-function.ts";
import { createConcurrency } from "#local/throttling/concurrency-limit.ts";
import { NEW_ACCOUNT } from "#local/throttling/quotas.ts";
import { createThrottling } from "#local/throttling/throttling.ts";
import { createTokenBucket } from "#local/throttling/token-bucket.ts";

const TABLE = { name: "log", arn: "arn:aws:dynamodb:us-east-1:000000000000:table/log" };

describe("a token bucket", () => {
  it("rejects requests beyond its content, and is full again after a second", async () => {
    const clock = createMovableClock(0);
    const bucket = createTokenBucket({ perSecond: 10, now: () => clock.now() });
    expect(Array.from({ length: 11 }, () => bucket.take(1)).filter(Boolean)).toHaveLength(10);
    await clock.runBy(500);
    expect(Array.from({ length: 11 }, () => bucket.take(1)).filter(Boolean)).toHaveLength(5);
    await clock.runBy(60_000);
    expect(Array.from({ length: 11 }, () => bucket.take(1)).filter(Boolean)).toHaveLength(10);
  });

  it("charges the next requests for an overdraft", async () => {
    const clock = createMovableClock(0);
    const bucket = createTokenBucket({ perSecond: 10, now: () => clock.now() });
    bucket.charge(20);
    await clock.runBy(1_000);
    expect(bucket.take(1)).toBe(false);
    await clock.runBy(100);
    expect(bucket.take(1)).toBe(true);
  });
});

describe("a table's throughput", () => {
  it.each([
    ["a short item", 20, 1, 0.5, 1, 2, 2],
    ["one byte over a unit of writing", 1_025, 2, 0.5, 1, 2, 4],
    ["one byte over a unit of reading", 4_097, 5, 1, 2, 4, 10],
    ["a commit of 300 KB", 300 * 1_024, 300, 37.5, 75, 150, 600],
  ])("counts %s by its size", (_what, bytes, write, eventual, consistent, transacted, transactedWrite) => {
    expect(writeUnits(bytes)).toBe(write);
    expect(writeUnits(bytes, true)).toBe(transactedWrite);
    expect(readUnits(bytes, "eventual")).toBe(eventual);
    expect(readUnits(bytes, "consistent")).toBe(consistent);
    expect(readUnits(bytes, "transactional")).toBe(transacted);
  });

  it("computes an item's size from its names and values", () => {
    expect(itemBytes({ pk: { S: "é" }, n: { N: "-120.5" }, yes: { BOOL: true } })).toBe(4 + 5 + 4);
    expect(itemBytes({ b: { B: "AAEC" }, l: { L: [{ S: "ab" }] }, s: { SS: ["a", "bc"] } })).toBe(4 + 7 + 4);
  });

  const take = (quotas: object, writes: readonly { partition: string; units: number }[]) => {
    const throttling = createThrottling({ quotas });
    const throughput = createThroughput(throttling, () => 0);
    return writes.map((write) => throughput.take({ table: TABLE, direction: "Write", ...write }));
  };

  it("accepts three commits of 300 KB a second in one session, and rejects the fourth as an on-demand table does", () => {
    const refused = take(
      {},
      Array.from({ length: 4 }, () => ({ partition: "t/s", units: 300 })),
    );
    expect(refused.slice(0, 3)).toEqual([undefined, undefined, undefined]);
    expect(refused[3]).toMatchObject({
      code: expect.stringMatching(/#ThrottlingException$/) as string,
      status: 400,
      fields: {
        throttlingReasons: [{ reason: "TableWriteKeyRangeThroughputExceeded", resource: TABLE.arn }],
      },
    });
  });

  it("handles 4,000 write units a second over all partitions when it is new", () => {
    const refused = take(
      {},
      Array.from({ length: 5 }, (_, at) => ({ partition: `t/${at}`, units: 1_000 })),
    );
    expect(refused.map((refusal) => refusal === undefined)).toEqual([true, true, true, true, false]);
  });
});

describe("an account's concurrency", () => {
  it("throttles invocations beyond it, and beyond a function's reservation", () => {
    const concurrency = createConcurrency(createThrottling({ quotas: { concurrency: 103 } }));
    concurrency.reserve("door", 2);
    expect([concurrency.enter("door"), concurrency.enter("door"), concurrency.enter("door")]).toEqual([
      undefined,
      undefined,
      "ReservedFunctionConcurrentInvocationLimitExceeded",
    ]);
    const others = Array.from({ length: 102 }, () => concurrency.enter("agent"));
    expect(others.filter((refusal) => refusal === undefined)).toHaveLength(101);
    expect(others.at(-1)).toBe("ConcurrentInvocationLimitExceeded");
    concurrency.leave("agent");
    expect(concurrency.enter("agent")).toBeUndefined();
  });

  it("of a new account leaves nothing to reserve", () => {
    const concurrency = createConcurrency(createThrottling({ quotas: NEW_ACCOUNT }));
    expect(() => concurrency.reserve("door", 1)).toThrow(/leaves less than 100/);
  });
});

describe("an asynchronous invocation", () => {
  const run = async (answers: readonly Invocation[]) => {
    const clock = createMovableClock(0);
    const at: number[] = [];
    const invoke = () => {
      at.push(clock.now());
      return Promise.resolve(answers[at.length - 1] ?? answers.at(-1)!);
    };
    const ended = invokeAsync({ invoke }, {}, { clock, stopped: new AbortController().signal });
    await clock.runBy(7 * 3_600_000);
    return { at, ended: await ended };
  };
  const failed: Invocation = { type: "error", error: { errorType: "Error", errorMessage: "no" } };
  const throttled: Invocation = { type: "throttled", reason: "ConcurrentInvocationLimitExceeded" };

  it("is retried after one and after two minutes when its function fails, and then dropped", async () => {
    expect(await run([failed])).toEqual({ at: [0, 60_000, 180_000], ended: { type: "failed", tries: 3 } });
  });

  it("is retried for six hours while it is throttled, with pauses of up to five minutes", async () => {
    const { at, ended } = await run([throttled]);
    expect(at.slice(0, 4)).toEqual([0, 1_000, 3_000, 7_000]);
    expect(ended.type).toBe("expired");
    expect(at.at(-1)).toBeLessThanOrEqual(21_600_000);
    expect(at.at(-1)).toBeGreaterThan(21_600_000 - 300_001);
  });

  it("loses nothing to temporary throttling", async () => {
    expect((await run([throttled, throttled, { type: "ok", payload: "1" }])).ended).toEqual({
      type: "ok",
      tries: 3,
    });
  });
});

describe("seeded throttling", () => {
  const strikes = (seed: number) => {
    const throttling = createThrottling({ seeded: { seed, share: 0.2 } });
    return Array.from({ length: 500 }, () => throttling.strikes("sqs SendMessage"));
  };

  it("rejects the same requests for the same seed, at about the right rate, and others for another seed", () => {
    expect(strikes(1)).toEqual(strikes(1));
    expect(strikes(1)).not.toEqual(strikes(2));
    expect(strikes(1).filter(Boolean).length).toBeGreaterThan(60);
    expect(strikes(1).filter(Boolean).length).toBeLessThan(140);
  });

  it("rejects nothing without a seed", () => {
    const throttling = createThrottling();
    expect(Array.from({ length: 500 }, () => throttling.strikes("x"))).not.toContain(true);
    expect(throttling.counts()).toEqual({});
  });
});
