import { afterEach, describe, expect, it } from "vitest";
import { createTableStream, type StreamEventRecord } from "#local/dynamodb/table-stream.ts";
import { parsePattern } from "#local/events/event-pattern.ts";
import type { Invocation } from "#local/lambda/lambda-function.ts";
import { startStreamPoller, type StreamPollerOptions } from "#local/mappings/stream-poller.ts";
import type { Poller } from "#local/mappings/queue-poller.ts";

type Answer = (records: readonly StreamEventRecord[], call: number) => Invocation | Promise<Invocation>;
const ok = (payload: unknown = null): Invocation => ({ type: "ok", payload: JSON.stringify(payload) });
const broken: Invocation = { type: "error", error: { errorType: "Error", errorMessage: "broken" } };
const name = ({ dynamodb: { Keys } }: StreamEventRecord) =>
  `${(Keys["pk"] as { readonly S: string }).S}${(Keys["sk"] as { readonly N: string }).N}`;

const pollers: Poller[] = [];
afterEach(async () => {
  await Promise.all(pollers.splice(0).map((poller) => poller.stop()));
});

/** A stream with a function behind it that answers as told, and remembers what it was given. */
function start(answer: Answer, options: Partial<StreamPollerOptions> = {}) {
  const calls: (readonly string[])[] = [];
  const letters: object[] = [];
  const target: StreamPollerOptions["target"] = {
    config: {
      name: "f",
      arn: "arn:f",
      file: "",
      exportName: "",
      environment: {},
      timeoutMs: 1_000,
      memoryMb: 128,
    },
    invoke: async (event) => {
      const { Records } = event as { readonly Records: readonly StreamEventRecord[] };
      calls.push(Records.map(name));
      return answer(Records, calls.length);
    },
  };
  const stream = createTableStream({
    arn: "arn:stream",
    region: "here",
    view: "NEW_IMAGE",
    partitionKey: "pk",
    now: () => 5_000,
  });
  const poller = startStreamPoller({
    waitMs: [0, 12],
    stream,
    target,
    batchSize: 10,
    parallelizationFactor: 1,
    retryAttempts: 2,
    bisectOnError: false,
    reportBatchItemFailures: true,
    filters: [],
    onFailure: (letter) => letters.push(letter),
    counted: () => undefined,
    ...options,
  });
  pollers.push(poller);
  const write = (pk: string, sk: number, more: object = {}, before?: object) => {
    const keys = { pk: { S: pk }, sk: { N: String(sk) } };
    stream.append(keys, before && { ...keys, ...before }, { ...keys, ...more });
  };
  const idle = () => expect.poll(() => poller.busy, { interval: 5 }).toBe(0);
  return { calls, letters, write, idle, stream };
}

describe("a stream's mapping", () => {
  it("delivers the records of a partition in order, never two batches at once", async () => {
    let running = 0;
    const { calls, write, idle } = start(
      async () => {
        running += 1;
        expect(running).toBe(1);
        await new Promise((next) => setImmediate(next));
        running -= 1;
        return ok();
      },
      { batchSize: 2 },
    );
    for (const sk of [1, 2, 3, 4, 5]) write("a", sk);
    await idle();
    expect(calls).toEqual([["a1", "a2"], ["a3", "a4"], ["a5"]]);
  });

  it("retries from the earliest record that failed", async () => {
    const { calls, write, idle } = start((records, call) =>
      call === 1
        ? ok({
            batchItemFailures: [
              { itemIdentifier: records[2]?.dynamodb.SequenceNumber },
              { itemIdentifier: records[1]?.dynamodb.SequenceNumber },
            ],
          })
        : ok({ batchItemFailures: [] }),
    );
    for (const sk of [1, 2, 3]) write("a", sk);
    await idle();
    expect(calls).toEqual([
      ["a1", "a2", "a3"],
      ["a2", "a3"],
    ]);
  });

  it.each([
    ["an error", broken],
    ["an answer with an unknown record", ok({ batchItemFailures: [{ itemIdentifier: "nonsense" }] })],
    ["an answer that is no list", ok({ batchItemFailures: 5 })],
  ])("treats %s as the failure of the whole batch", async (_what, answer) => {
    const { calls, write, idle } = start((_records, call) => (call === 1 ? answer : ok()));
    write("a", 1);
    write("a", 2);
    await idle();
    expect(calls).toEqual([
      ["a1", "a2"],
      ["a1", "a2"],
    ]);
  });

  it("gives up after its retries, reports the position of the records, and continues", async () => {
    const { calls, letters, write, idle } = start((records) => (name(records[0]!) === "a1" ? broken : ok()), {
      batchSize: 1,
    });
    write("a", 1);
    write("a", 2);
    await idle();
    expect(calls).toEqual([["a1"], ["a1"], ["a1"], ["a2"]]);
    expect(letters).toMatchObject([
      {
        requestContext: { condition: "RetryAttemptsExhausted", functionArn: "arn:f" },
        DDBStreamBatchInfo: {
          batchSize: 1,
          streamArn: "arn:stream",
          startSequenceNumber: "000000000000000000001",
        },
      },
    ]);
  });

  it("bisects a failing batch until the bad record is alone", async () => {
    const { calls, letters, write, idle } = start(
      (records) => (records.some((record) => name(record) === "a3") ? broken : ok()),
      { bisectOnError: true, retryAttempts: 2 },
    );
    for (const sk of [1, 2, 3, 4]) write("a", sk);
    await idle();
    expect(calls).toEqual([
      ["a1", "a2", "a3", "a4"],
      ["a1", "a2"],
      ["a3", "a4"],
      ["a3"],
      ["a3"],
      ["a3"],
      ["a4"],
    ]);
    expect(letters).toMatchObject([
      { requestContext: { approximateInvokeCount: 3 }, DDBStreamBatchInfo: { batchSize: 1 } },
    ]);
  });

  it("splits a batch at the record that its function reports, not in half", async () => {
    const { calls, write, idle } = start(
      (records, call) =>
        call === 1
          ? ok({ batchItemFailures: [{ itemIdentifier: records[1]?.dynamodb.SequenceNumber }] })
          : ok(),
      { bisectOnError: true },
    );
    for (const sk of [1, 2, 3, 4]) write("a", sk);
    await idle();
    expect(calls).toEqual([
      ["a1", "a2", "a3", "a4"],
      ["a2", "a3", "a4"],
    ]);
  });

  it("delivers items of one partition concurrently and out of order when its factor is above 1", async () => {
    const seeds = [1, 2, 3, 4, 5];
    const runs = await Promise.all(
      seeds.map(async (seed) => {
        let running = 0;
        let most = 0;
        const { calls, write, idle } = start(
          async () => {
            running += 1;
            most = Math.max(most, running);
            await new Promise((next) => setImmediate(next));
            running -= 1;
            return ok();
          },
          { parallelizationFactor: 4, batchSize: 1, seed },
        );
        for (let sk = 1; sk <= 20; sk += 1) write("a", sk);
        await idle();
        return { order: calls.flat(), most };
      }),
    );
    const written = Array.from({ length: 20 }, (_, at) => `a${at + 1}`);
    for (const { order } of runs) expect([...order].sort()).toEqual([...written].sort());
    expect(runs.some(({ order }) => order.join() !== written.join())).toBe(true);
    expect(Math.max(...runs.map(({ most }) => most))).toBeGreaterThan(1);
  });

  it("keeps the order per item, whatever its factor", async () => {
    const versions = new Map<string, (string | undefined)[]>();
    const { write, idle } = start(
      (records) => {
        for (const record of records) {
          const version = record.dynamodb.NewImage?.["v"] as { readonly N: string } | undefined;
          versions.set(name(record), [...(versions.get(name(record)) ?? []), version?.N]);
        }
        return ok();
      },
      { parallelizationFactor: 10, batchSize: 2 },
    );
    const image = (version: number) => ({ v: { N: String(version) } });
    for (let version = 1; version <= 12; version += 1)
      for (const sk of [1, 2, 3])
        write("a", sk, image(version), version > 1 ? image(version - 1) : undefined);
    await idle();
    const rising = Array.from({ length: 12 }, (_, at) => String(at + 1));
    expect([...versions.keys()].sort()).toEqual(["a1", "a2", "a3"]);
    for (const seen of versions.values()) expect(seen).toEqual(rising);
  });

  it("uses no retry while its function is throttled", async () => {
    const { calls, letters, write, idle } = start(
      (_records, call) =>
        call <= 3 ? { type: "throttled", reason: "ConcurrentInvocationLimitExceeded" } : ok(),
      { retryAttempts: 1, bisectOnError: true },
    );
    write("a", 1);
    write("a", 2);
    await idle();
    expect(calls).toEqual(Array.from({ length: 4 }, () => ["a1", "a2"]));
    expect(letters).toEqual([]);
  });

  it("drops filtered records before the function is invoked", async () => {
    const pattern = { eventName: ["INSERT"], dynamodb: { NewImage: { kind: { S: ["commit"] } } } };
    const { calls, write, idle } = start(() => ok(), { filters: [parsePattern(pattern)] });
    write("a", 1, { kind: { S: "commit" } });
    write("a", 2, { kind: { S: "marker" } });
    write("a", 1, { kind: { S: "commit" }, text: { S: "new" } }, { kind: { S: "commit" } });
    await idle();
    expect(calls).toEqual([["a1"]]);
  });

  it("continues with other partitions while one is blocked", async () => {
    let release: (outcome: Invocation) => void = () => undefined;
    const stuck = new Promise<Invocation>((resolve) => {
      release = resolve;
    });
    const { calls, write, idle } = start((records) => (name(records[0]!) === "a1" ? stuck : ok()), {
      parallelizationFactor: 10,
    });
    write("a", 1);
    for (const pk of ["b", "c", "d"]) write(pk, 1);
    await expect.poll(() => calls.flat().sort()).toEqual(["a1", "b1", "c1", "d1"]);
    release(ok());
    await idle();
  });
});

describe("a table's stream", () => {
  it("has no record for a write that changed nothing, and distinguishes inserts, changes and removals", () => {
    const { stream } = start(() => ok());
    const seen: string[] = [];
    stream.subscribe(({ eventName }) => seen.push(eventName));
    const keys = { pk: { S: "a" }, sk: { N: "1" } };
    stream.append(keys, undefined, { ...keys, x: { S: "1" } });
    stream.append(keys, { ...keys, x: { S: "1" } }, { x: { S: "1" }, ...keys });
    stream.append(keys, { ...keys, x: { S: "1" } }, { ...keys, x: { S: "2" } });
    stream.append(keys, { ...keys, x: { S: "2" } }, undefined);
    stream.append(keys, undefined, undefined);
    expect(seen).toEqual(["INSERT", "MODIFY", "REMOVE"]);
  });
});
