import { describe, expect, it } from "vitest";
import { createEventSourceMapping, type InvocationOutcome } from "#memory/queue/event-source-mapping.ts";
import { createQueue } from "#memory/queue/queue.ts";

const SECOND = 1_000;
const ok = (response: unknown): InvocationOutcome => ({ type: "ok", response });

function mapped(
  groups: readonly string[],
  config: { batchSize?: number; maxConcurrency?: number; reportBatchItemFailures?: boolean } = {},
) {
  const queue = createQueue({ name: "work.fifo", fifo: true, visibilityTimeoutMs: 30 * SECOND });
  for (const [i, groupId] of groups.entries()) {
    queue.send(0, { body: `${groupId}${i}`, groupId, deduplicationId: String(i) });
  }
  const mapping = createEventSourceMapping({ queue, functionTimeoutMs: 5 * SECOND, ...config });
  const poll = (now = 0) => {
    const batch = mapping.poll(now);
    if (batch === undefined) throw new Error("Nothing to poll.");
    return batch;
  };
  return { queue, mapping, poll };
}

describe("an event source mapping's configuration", () => {
  const queue = createQueue({ name: "work", fifo: false, visibilityTimeoutMs: 30 * SECOND });

  it.each([
    { functionTimeoutMs: 30 * SECOND + 1 },
    { functionTimeoutMs: SECOND, batchSize: 0 },
    { functionTimeoutMs: SECOND, batchSize: 11 },
    { functionTimeoutMs: SECOND, maxConcurrency: 1 },
    { functionTimeoutMs: SECOND, maxConcurrency: 1_001 },
  ])("rejects %j on a queue with 30 seconds of visibility", (config) => {
    expect(() => createEventSourceMapping({ queue, ...config })).toThrow(
      expect.objectContaining({ code: "InvalidParameterValue" }),
    );
  });

  it("accepts a function timeout equal to the visibility", () => {
    expect(createEventSourceMapping({ queue, functionTimeoutMs: 30 * SECOND }).activeBatches).toBe(0);
  });
});

describe("polling", () => {
  it("runs no more batches than there are active groups", () => {
    const { mapping, poll } = mapped(["a", "a", "b"], { batchSize: 1 });
    const first = poll();
    poll();
    expect(mapping.poll(0)).toBeUndefined();
    mapping.complete(0, first, ok(undefined));
    expect(poll().messages.map((message) => message.body)).toEqual(["a1"]);
  });

  it("runs no more batches than its maximum concurrency", () => {
    const { mapping, poll } = mapped(["a", "b", "c"], { batchSize: 1, maxConcurrency: 2 });
    const first = poll();
    poll();
    expect(mapping.poll(0)).toBeUndefined();
    mapping.complete(0, first, ok(undefined));
    expect(poll().messages[0]?.groupId).toBe("c");
  });

  it("mixes groups in a batch and sets the deadline of the function's answer", () => {
    const { poll } = mapped(["a", "b", "a"]);
    const batch = poll(SECOND);
    expect(batch.messages.map((message) => message.body)).toEqual(["a0", "a2", "b1"]);
    expect(batch.deadline).toBe(6 * SECOND);
  });

  it("pauses when a standard queue has too many in flight", () => {
    const queue = createQueue({ name: "work", fifo: false, inFlightLimit: 1 });
    for (const body of ["1", "2"]) queue.send(0, { body });
    const mapping = createEventSourceMapping({ queue, functionTimeoutMs: SECOND });
    expect(mapping.poll(0)?.messages).toHaveLength(1);
    expect(mapping.poll(0)).toBeUndefined();
  });
});

describe("completing", () => {
  it("deletes the whole batch when the function answers, whatever the answer, unless failures are reported", () => {
    const { queue, mapping, poll } = mapped(["a", "b"]);
    const batch = poll();
    const { messageId } = batch.messages[0] ?? { messageId: "" };
    const { deleted } = mapping.complete(
      0,
      batch,
      ok({ batchItemFailures: [{ itemIdentifier: messageId }] }),
    );
    expect(deleted).toEqual(batch.messages);
    expect(queue.counts(0)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it("returns the whole batch when the function throws, and the messages stay hidden for the visibility timeout", () => {
    const { queue, mapping, poll } = mapped(["a", "b"], { reportBatchItemFailures: true });
    const batch = poll();
    expect(mapping.complete(SECOND, batch, { type: "error" }).returned).toEqual(batch.messages);
    expect(mapping.poll(30 * SECOND - 1)).toBeUndefined();
    expect(queue.nextEventAt(SECOND)).toBe(30 * SECOND);
    expect(poll(30 * SECOND).messages.map((message) => message.receiveCount)).toEqual([2, 2]);
  });

  it("deletes only messages that were not reported as failed", () => {
    const { mapping, poll } = mapped(["a", "b", "c"], { reportBatchItemFailures: true });
    const batch = poll();
    const [, failed] = batch.messages;
    const completed = mapping.complete(
      0,
      batch,
      ok({ batchItemFailures: [{ itemIdentifier: failed?.messageId }] }),
    );
    expect(completed.deleted.map((message) => message.body)).toEqual(["a0", "c2"]);
    expect(completed.returned).toEqual([failed]);
  });

  it.each([undefined, null, {}, { batchItemFailures: [] }, { batchItemFailures: null }, { statusCode: 200 }])(
    "treats the answer %j as full success",
    (response) => {
      const { mapping, poll } = mapped(["a", "b"], { reportBatchItemFailures: true });
      expect(mapping.complete(0, poll(), ok(response)).returned).toEqual([]);
    },
  );

  it.each([
    "fine",
    7,
    [],
    { batchItemFailures: "none" },
    { batchItemFailures: [null] },
    { batchItemFailures: [{}] },
    { batchItemFailures: [{ itemIdentifier: "" }] },
    { batchItemFailures: [{ itemIdentifier: null }] },
    { batchItemFailures: [{ id: "work.fifo-1" }] },
    { batchItemFailures: [{ itemIdentifier: "work.fifo-1" }, { itemIdentifier: "unknown" }] },
  ])("treats the answer %j as a failure of the whole batch", (response) => {
    const { mapping, poll } = mapped(["a", "b"], { reportBatchItemFailures: true });
    expect(mapping.complete(0, poll(), ok(response)).deleted).toEqual([]);
  });

  it("deletes nothing when the batch completes after the visibility timeout", () => {
    const { queue, mapping, poll } = mapped(["a"]);
    const batch = poll();
    expect(mapping.complete(30 * SECOND, batch, ok(undefined)).returned).toEqual(batch.messages);
    expect(queue.counts(30 * SECOND).visible).toBe(1);
  });

  it("rejects a batch that was already completed", () => {
    const { mapping, poll } = mapped(["a"]);
    const batch = poll();
    mapping.complete(0, batch, ok(undefined));
    expect(() => mapping.complete(0, batch, ok(undefined))).toThrow(
      expect.objectContaining({ code: "UnsupportedOperation" }),
    );
  });
});
