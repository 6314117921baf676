import { describe, expect, it } from "vitest";
import { startMove } from "#memory/queue/move-task.ts";
import { createQueue, type Queue } from "#memory/queue/queue.ts";

const SECOND = 1_000;
const DAY = 86_400 * SECOND;

function pair(fifo: boolean): { readonly queue: Queue; readonly letters: Queue } {
  const suffix = fifo ? ".fifo" : "";
  const letters = createQueue({ name: `letters${suffix}`, fifo, retentionMs: 4 * DAY, delayMs: 60 * SECOND });
  const queue = createQueue({
    name: `work${suffix}`,
    fifo,
    retentionMs: 14 * DAY,
    visibilityTimeoutMs: SECOND,
    maxReceiveCount: 1,
    deadLetterQueue: letters,
  });
  return { queue, letters };
}

/** Sends each body at its time, receives it once and lets it fail. */
function deadLetter(queue: Queue, bodies: readonly string[], at = 0): void {
  for (const [i, body] of bodies.entries()) {
    queue.send(at, { body, ...(queue.fifo && { groupId: `g${i % 2}`, deduplicationId: body }) });
  }
  while (queue.receive(at, { max: 10 }).length > 0);
  queue.receive(at + SECOND, { max: 10 });
}

const drain = (queue: Queue, now: number) => {
  const bodies: string[] = [];
  for (let [message] = queue.receive(now); message !== undefined; [message] = queue.receive(now)) {
    bodies.push(message.body);
    queue.delete(now, message.receiptHandle);
  }
  return bodies;
};

describe("a dead letter", () => {
  it("keeps its message id and enqueue time on a standard queue, names its source and is visible at once", () => {
    const { queue, letters } = pair(false);
    deadLetter(queue, ["x"], DAY);
    const [letter] = letters.receive(DAY + SECOND);
    expect(letter).toMatchObject({
      messageId: "work-1",
      sentAt: DAY,
      receiveCount: 1,
      deadLetterSource: "work",
    });
  });

  it("expires on a standard queue by its original enqueue time, before messages that arrived earlier", () => {
    const { queue, letters } = pair(false);
    queue.send(0, { body: "old" });
    letters.send(2.5 * DAY, { body: "direct", delayMs: 0 });
    queue.receive(3 * DAY);
    queue.receive(3 * DAY + SECOND);
    expect(letters.counts(4 * DAY - 1).visible).toBe(2);
    expect(letters.oldestAge(4 * DAY - 1)).toBe(1.5 * DAY - 1);
    expect(letters.receive(4 * DAY, { max: 10 }).map((message) => message.body)).toEqual(["direct"]);
    expect(letters.totals(4 * DAY).expired).toBe(1);
  });

  it("does not change the expiry of directly sent messages", () => {
    const { queue, letters } = pair(false);
    letters.send(0, { body: "direct", delayMs: 0 });
    deadLetter(queue, ["x"], DAY);
    expect(drain(letters, 4 * DAY)).toEqual(["x"]);
  });

  it("restarts its retention on FIFO, keeps its group and uses its message id as deduplication id", () => {
    const { queue, letters } = pair(true);
    queue.send(0, { body: "x", groupId: "g", deduplicationId: "d" });
    queue.receive(3 * DAY);
    queue.receive(3 * DAY + SECOND);
    expect(letters.counts(7 * DAY).visible).toBe(1);
    expect(letters.receive(7 * DAY)[0]).toMatchObject({
      messageId: "work.fifo-1",
      groupId: "g",
      deduplicationId: "work.fifo-1",
      sentAt: 3 * DAY + SECOND,
    });
    expect(letters.counts(7 * DAY + SECOND)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it("arrives even if an earlier letter had the same deduplication id", () => {
    const { queue, letters } = pair(true);
    for (const at of [0, 300 * SECOND]) {
      queue.send(at, { body: `at ${at}`, groupId: "g", deduplicationId: "same" });
      queue.receive(at);
      queue.receive(at + SECOND);
    }
    expect(drain(letters, 301 * SECOND)).toEqual(["at 0", "at 300000"]);
  });

  it("is never dropped as a duplicate of a message sent to the dead-letter queue, but can make later sends duplicates", () => {
    const { queue, letters } = pair(true);
    letters.send(0, { body: "direct", groupId: "h", deduplicationId: "work.fifo-1" });
    deadLetter(queue, ["x", "y"]);
    const late = letters.send(2 * SECOND, { body: "late", groupId: "h", deduplicationId: "work.fifo-2" });
    expect(late).toMatchObject({ deduplicated: true, messageId: "work.fifo-2" });
    expect(drain(letters, 60 * SECOND)).toEqual(["direct", "x", "y"]);
  });
});

describe("a move task", () => {
  it("moves letters back to their source, oldest first, as new messages", () => {
    const { queue, letters } = pair(true);
    deadLetter(queue, ["a", "b", "c", "d"]);
    const task = startMove(10 * SECOND, { from: letters });
    expect(task.advance(10 * SECOND)).toBe(4);
    expect(task.status).toBe("COMPLETED");
    const received = queue.receive(10 * SECOND, { max: 10 });
    expect(received.map((message) => message.body)).toEqual(["a", "c", "b", "d"]);
    expect(received[0]).toMatchObject({ messageId: "work.fifo-5", sentAt: 10 * SECOND, receiveCount: 1 });
    expect(received[0]).not.toHaveProperty("deadLetterSource");
    expect(letters.totals(10 * SECOND)).toMatchObject({ arrived: 4, redriven: 4 });
  });

  it("moves to another queue at the requested rate", () => {
    const { queue, letters } = pair(false);
    const other = createQueue({ name: "other", fifo: false });
    deadLetter(queue, ["a", "b", "c"]);
    const task = startMove(10 * SECOND, { from: letters, to: other, messagesPerSecond: 2 });
    expect(task.advance(10 * SECOND)).toBe(1);
    expect(task.nextEventAt()).toBe(10.5 * SECOND);
    expect(task.advance(10.5 * SECOND - 1)).toBe(0);
    expect(task.advance(10.5 * SECOND)).toBe(1);
    expect(task.advance(60 * SECOND)).toBe(1);
    expect([task.status, task.moved, task.nextEventAt()]).toEqual(["COMPLETED", 3, undefined]);
    expect(drain(other, 60 * SECOND)).toEqual(["a", "b", "c"]);
  });

  it("leaves letters in flight, and stops when it is cancelled", () => {
    const { queue, letters } = pair(false);
    deadLetter(queue, ["a", "b", "c"]);
    letters.receive(2 * SECOND);
    const task = startMove(2 * SECOND, { from: letters, messagesPerSecond: 1 });
    task.advance(2 * SECOND);
    task.cancel();
    expect(task.advance(9 * SECOND)).toBe(0);
    expect([task.status, task.moved]).toEqual(["CANCELLED", 1]);
    expect(letters.counts(9 * SECOND)).toMatchObject({ visible: 1, inFlight: 1 });
  });

  it("fails at a message without a source queue", () => {
    const { letters } = pair(false);
    letters.send(0, { body: "direct", delayMs: 0 });
    const task = startMove(0, { from: letters });
    task.advance(0);
    expect([task.status, letters.counts(0).visible]).toEqual(["FAILED", 1]);
  });

  it("runs once per queue, from a dead-letter queue, to a queue of its kind", () => {
    const { queue, letters } = pair(false);
    const rejected = (code: string) => expect.objectContaining({ code });
    expect(() => startMove(0, { from: queue })).toThrow(rejected("InvalidParameterValue"));
    expect(() => startMove(0, { from: letters, to: pair(true).queue })).toThrow(
      rejected("InvalidParameterValue"),
    );
    expect(() => startMove(0, { from: letters, messagesPerSecond: 501 })).toThrow(
      rejected("InvalidParameterValue"),
    );
    const task = startMove(0, { from: letters });
    expect(() => startMove(0, { from: letters })).toThrow(rejected("UnsupportedOperation"));
    task.advance(0);
    expect(startMove(0, { from: letters }).status).toBe("RUNNING");
  });
});
