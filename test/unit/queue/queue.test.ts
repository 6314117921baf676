import { describe, expect, it } from "vitest";
import { createQueue, type Queue } from "#memory/queue/queue.ts";
import type { QueueConfig } from "#memory/queue/queue-config.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const standard = (config: Partial<QueueConfig> = {}) => createQueue({ name: "work", fifo: false, ...config });
const fifo = (config: Partial<QueueConfig> = {}) => createQueue({ name: "work.fifo", fifo: true, ...config });
const one = (queue: Queue, now: number) => {
  const [message] = queue.receive(now);
  if (message === undefined) throw new Error(`${queue.name} has nothing to receive at ${now}.`);
  return message;
};
const code = (expected: string) => expect.objectContaining({ name: "QueueError", code: expected });

describe("a queue's configuration", () => {
  it.each<[string, QueueConfig]>([
    ["a FIFO queue without the suffix", { name: "work", fifo: true }],
    ["a standard queue with the suffix", { name: "work.fifo", fifo: false }],
    ["a name of 81 characters", { name: "x".repeat(81), fifo: false }],
    ["a FIFO name of 81 characters with the suffix", { name: `${"x".repeat(76)}.fifo`, fifo: true }],
    ["a visibility above 12 hours", { name: "work", fifo: false, visibilityTimeoutMs: 12 * HOUR + 1 }],
    ["a delay above 15 minutes", { name: "work", fifo: false, delayMs: 15 * MINUTE + 1 }],
    ["a retention below a minute", { name: "work", fifo: false, retentionMs: MINUTE - 1 }],
    ["messages above 1 MiB", { name: "work", fifo: false, maxMessageBytes: 1_048_577 }],
    ["a receive limit without a dead-letter queue", { name: "work", fifo: false, maxReceiveCount: 3 }],
    [
      "a dead-letter queue without a receive limit",
      { name: "work", fifo: false, deadLetterQueue: standard() },
    ],
    ["a receive limit of 0", { name: "work", fifo: false, maxReceiveCount: 0, deadLetterQueue: standard() }],
    [
      "a FIFO dead-letter queue of a standard queue",
      { name: "work", fifo: false, maxReceiveCount: 1, deadLetterQueue: fifo() },
    ],
    [
      "a standard dead-letter queue of a FIFO queue",
      { name: "w.fifo", fifo: true, maxReceiveCount: 1, deadLetterQueue: standard() },
    ],
  ])("rejects %s", (_, config) => {
    expect(() => createQueue(config)).toThrow(code("InvalidParameterValue"));
  });
});

describe("sending", () => {
  it("counts bytes, not characters, and attributes with names and types", () => {
    const queue = standard({ maxMessageBytes: 1_024 });
    queue.send(0, { body: "é".repeat(512) });
    expect(() => queue.send(0, { body: "é".repeat(513) })).toThrow(code("InvalidParameterValue"));
    const attributes = { id: { dataType: "String", value: "12345678" } };
    queue.send(0, { body: "x".repeat(1_024 - 16), attributes });
    expect(() => queue.send(0, { body: "x".repeat(1_024 - 15), attributes })).toThrow(
      code("InvalidParameterValue"),
    );
    expect(queue.counts(0).visible).toBe(2);
  });

  it("counts a binary attribute by its decoded bytes", () => {
    const queue = standard({ maxMessageBytes: 1_024 });
    const value = Buffer.alloc(900).toString("base64");
    queue.send(0, { body: "x".repeat(100), attributes: { b: { dataType: "Binary", value } } });
    expect(queue.counts(0).visible).toBe(1);
  });

  it("does not count the trace header, and delivers it with the attributes", () => {
    const queue = standard({ maxMessageBytes: 1_024 });
    const attributes = { kind: { dataType: "String", value: "task" } };
    queue.send(0, { body: "x", traceHeader: "t".repeat(2_000), attributes });
    expect(one(queue, 0)).toMatchObject({ traceHeader: "t".repeat(2_000), attributes });
  });

  it("rejects more than ten attributes", () => {
    const attributes = Object.fromEntries(
      Array.from({ length: 11 }, (_, i) => [`a${i}`, { dataType: "String", value: "v" }]),
    );
    expect(() => standard().send(0, { body: "x", attributes })).toThrow(code("InvalidParameterValue"));
  });

  it.each([
    ["a control character", "a\u0001"],
    ["a lone surrogate", "a\ud800"],
    ["U+FFFE", "\ufffe"],
  ])("rejects a body with %s", (_, body) => {
    expect(() => standard().send(0, { body })).toThrow(code("InvalidMessageContents"));
  });

  it("accepts tabs, line breaks and characters beyond the basic plane", () => {
    const body = "\t\r\n é 漢 🙂";
    const queue = standard();
    queue.send(0, { body });
    expect(one(queue, 0).body).toBe(body);
  });

  it("rejects an empty body, and a deduplication id on a standard queue", () => {
    expect(() => standard().send(0, { body: "" })).toThrow(code("MissingParameter"));
    expect(() => standard().send(0, { body: "x", deduplicationId: "d" })).toThrow(
      code("InvalidParameterValue"),
    );
  });

  it.each(["", "with space", "ümlaut", "x".repeat(129)])("rejects the group id %j", (groupId) => {
    const input = { body: "x", groupId, deduplicationId: "d" };
    expect(() => fifo().send(0, input)).toThrow(code("InvalidParameterValue"));
  });

  it("keeps a group id on a standard queue without ordering by it", () => {
    const queue = standard();
    for (const body of ["1", "2"]) queue.send(0, { body, groupId: "tenant" });
    expect(one(queue, 0).groupId).toBe("tenant");
    expect(one(queue, 0).body).toBe("2");
  });

  it("prefers a delay of zero over the delay of a standard queue, but not of a FIFO queue", () => {
    const plain = standard({ delayMs: 5 * SECOND });
    plain.send(0, { body: "x", delayMs: 0 });
    expect(plain.counts(0)).toMatchObject({ visible: 1, delayed: 0 });
    const ordered = fifo({ delayMs: 5 * SECOND });
    ordered.send(0, { body: "x", groupId: "g", deduplicationId: "d", delayMs: 0 });
    expect(ordered.counts(0)).toMatchObject({ visible: 0, delayed: 1 });
  });

  it("uses message ids from the caller when given", () => {
    const ids = ["first", "second"];
    const queue = standard({ newMessageId: () => ids.shift() ?? "none" });
    expect([queue.send(0, { body: "x" }).messageId, queue.send(0, { body: "y" }).messageId]).toEqual([
      "first",
      "second",
    ]);
  });
});

describe("sending a batch", () => {
  it("answers for each entry separately", () => {
    const queue = fifo();
    const result = queue.sendBatch(0, [
      { id: "good", body: "1", groupId: "g", deduplicationId: "d" },
      { id: "bad", body: "2" },
      { id: "twice", body: "3", groupId: "g", deduplicationId: "d" },
    ]);
    expect(result.successful.map(({ id, deduplicated }) => [id, deduplicated])).toEqual([
      ["good", false],
      ["twice", true],
    ]);
    expect(result.failed).toEqual([expect.objectContaining({ id: "bad", code: "MissingParameter" })]);
    expect(queue.counts(0).visible).toBe(1);
  });

  const entry = (id: string, body = "x") => ({ id, body });
  it.each([
    ["no entry", [], "EmptyBatchRequest"],
    [
      "eleven entries",
      Array.from({ length: 11 }, (_, i) => entry(String(i))),
      "TooManyEntriesInBatchRequest",
    ],
    ["an id twice", [entry("a"), entry("a")], "BatchEntryIdsNotDistinct"],
    ["an id with a space", [entry("a b")], "InvalidBatchEntryId"],
    ["over 1 MiB in all", [entry("a", "x".repeat(1_048_576)), entry("b")], "BatchRequestTooLong"],
  ])("rejects a batch with %s and sends none of it", (_, entries, expected) => {
    const queue = standard();
    expect(() => queue.sendBatch(0, entries)).toThrow(code(expected));
    expect(queue.counts(0).visible).toBe(0);
  });
});

describe("receiving", () => {
  it("reports the receive count, the first receive and the send time", () => {
    const queue = standard({ visibilityTimeoutMs: SECOND });
    queue.send(10, { body: "x" });
    queue.receive(20);
    expect(one(queue, 5 * SECOND)).toMatchObject({ sentAt: 10, firstReceivedAt: 20, receiveCount: 2 });
  });

  it("lets the caller choose another order on a standard queue, and another group on a FIFO queue", () => {
    const pick = (candidates: number) => candidates - 1;
    const plain = standard({ pick });
    const ordered = fifo({ pick });
    for (const body of ["1", "2"]) plain.send(0, { body });
    for (const [i, groupId] of ["a", "a", "b", "b"].entries()) {
      ordered.send(0, { body: `${groupId}${i}`, groupId, deduplicationId: String(i) });
    }
    expect(one(plain, 0).body).toBe("2");
    expect(ordered.receive(0, { max: 10 }).map((message) => message.body)).toEqual(["b2", "b3", "a0", "a1"]);
  });

  it("rejects a choice that names no candidate", () => {
    const queue = standard({ pick: (candidates) => candidates });
    queue.send(0, { body: "x" });
    expect(() => queue.receive(0)).toThrow(RangeError);
  });

  it.each([{ max: 0 }, { max: 11 }, { visibilityTimeoutMs: -1 }, { visibilityTimeoutMs: 12 * HOUR + 1 }])(
    "rejects %j",
    (options) => {
      expect(() => standard().receive(0, options)).toThrow(code("InvalidParameterValue"));
    },
  );

  it("stops at the in-flight limit: silently on FIFO, with OverLimit on standard", () => {
    const ordered = fifo({ inFlightLimit: 3 });
    const plain = standard({ inFlightLimit: 3 });
    for (let i = 0; i < 5; i += 1) {
      ordered.send(0, { body: String(i), groupId: `g${i}`, deduplicationId: String(i) });
      plain.send(0, { body: String(i) });
    }
    expect(ordered.receive(0, { max: 10 })).toHaveLength(3);
    expect(ordered.receive(0, { max: 10 })).toEqual([]);
    expect(plain.receive(0, { max: 10 })).toHaveLength(3);
    expect(() => plain.receive(0)).toThrow(code("OverLimit"));
  });

  it("has the documented default limit of 120,000 in flight", () => {
    expect(fifo().config.inFlightLimit).toBe(120_000);
  });
});

describe("receipt handles", () => {
  it("delete nothing when they are outdated: success on standard, an error on FIFO", () => {
    const plain = standard({ visibilityTimeoutMs: SECOND });
    const ordered = fifo({ visibilityTimeoutMs: SECOND });
    plain.send(0, { body: "x" });
    ordered.send(0, { body: "x", groupId: "g", deduplicationId: "d" });
    const stale = [one(plain, 0), one(ordered, 0)].map((message) => message.receiptHandle);
    one(plain, SECOND);
    one(ordered, SECOND);
    expect(plain.delete(SECOND, stale[0] ?? "")).toEqual({ deleted: false });
    expect(() => ordered.delete(SECOND, stale[1] ?? "")).toThrow(code("InvalidParameterValue"));
    expect([plain.counts(SECOND).inFlight, ordered.counts(SECOND).inFlight]).toEqual([1, 1]);
  });

  it("report success on FIFO for a deleted message", () => {
    const queue = fifo();
    queue.send(0, { body: "x", groupId: "g", deduplicationId: "d" });
    const { receiptHandle } = one(queue, 0);
    expect(queue.delete(0, receiptHandle)).toEqual({ deleted: true });
    expect(queue.delete(0, receiptHandle)).toEqual({ deleted: false });
  });

  it.each([
    "",
    "work:1",
    "work:2:1",
    "work:0:1",
    "work:1:0",
    "work: 1:1",
    "other:1:1",
    "work:1:1:1",
    "work:1e0:1",
  ])("are rejected when the queue never issued them: %j", (receiptHandle) => {
    const queue = standard();
    queue.send(0, { body: "x" });
    one(queue, 0);
    expect(() => queue.delete(0, receiptHandle)).toThrow(code("ReceiptHandleIsInvalid"));
  });
});

describe("changing visibility", () => {
  it("never hides a message for more than 12 hours after its receive, however often it is extended", () => {
    const queue = standard({ visibilityTimeoutMs: HOUR, retentionMs: 14 * DAY });
    queue.send(0, { body: "x" });
    const { receiptHandle } = one(queue, 0);
    queue.changeVisibility(HOUR / 2, receiptHandle, 11.5 * HOUR);
    expect(() => queue.changeVisibility(HOUR, receiptHandle, 11 * HOUR + 1)).toThrow(
      code("InvalidParameterValue"),
    );
    queue.changeVisibility(HOUR, receiptHandle, 11 * HOUR);
    expect(queue.nextEventAt(HOUR)).toBe(12 * HOUR);
  });

  it("rejects a message that is visible, deleted, or in flight under a later handle", () => {
    const queue = standard({ visibilityTimeoutMs: SECOND });
    queue.send(0, { body: "x" });
    const first = one(queue, 0).receiptHandle;
    const refused = () => queue.changeVisibility(SECOND, first, 5 * SECOND);
    expect(refused).toThrow(code("MessageNotInflight"));
    const second = one(queue, SECOND).receiptHandle;
    expect(refused).toThrow(code("MessageNotInflight"));
    queue.delete(SECOND, second);
    expect(refused).toThrow(code("MessageNotInflight"));
  });
});

describe("time", () => {
  it("reports the next moment at which a message becomes visible, and none when nothing is hidden", () => {
    const queue = standard({ visibilityTimeoutMs: 30 * SECOND });
    expect(queue.nextEventAt(0)).toBeUndefined();
    queue.send(0, { body: "now" });
    expect(queue.nextEventAt(0)).toBeUndefined();
    one(queue, 0);
    queue.send(0, { body: "later", delayMs: 10 * SECOND });
    expect(queue.nextEventAt(0)).toBe(10 * SECOND);
    expect(queue.nextEventAt(10 * SECOND)).toBe(30 * SECOND);
    expect(queue.nextEventAt(30 * SECOND)).toBeUndefined();
  });

  it("removes a message at the end of its retention, in flight or not, and then unblocks its group", () => {
    const queue = fifo({ retentionMs: MINUTE, visibilityTimeoutMs: 10 * MINUTE });
    queue.send(0, { body: "old", groupId: "g", deduplicationId: "1" });
    one(queue, 0);
    queue.send(30 * SECOND, { body: "new", groupId: "g", deduplicationId: "2" });
    expect(queue.receive(MINUTE - 1)).toEqual([]);
    expect(queue.nextEventAt(MINUTE - 1)).toBe(MINUTE);
    expect(one(queue, MINUTE).body).toBe("new");
    expect(queue.totals(MINUTE).expired).toBe(1);
  });

  it("serves the group whose first message is oldest, even after an older one has expired", () => {
    const queue = fifo({ retentionMs: MINUTE });
    for (const [at, groupId] of ["a", "b", "a"].entries()) {
      queue.send(at * SECOND, { body: `${groupId}${at}`, groupId, deduplicationId: String(at) });
    }
    expect(queue.receive(MINUTE, { max: 10 }).map((message) => message.body)).toEqual(["b1", "a2"]);
  });

  it("does not run backwards", () => {
    const queue = standard();
    queue.send(10 * SECOND, { body: "x" });
    expect(one(queue, 0)).toMatchObject({ sentAt: 10 * SECOND, firstReceivedAt: 10 * SECOND });
  });

  it("sets the age of the oldest message, without deleted ones", () => {
    const queue = standard();
    expect(queue.oldestAge(0)).toBeUndefined();
    for (const at of [0, 4 * SECOND]) queue.send(at, { body: "x" });
    expect(queue.oldestAge(10 * SECOND)).toBe(10 * SECOND);
    queue.delete(10 * SECOND, one(queue, 10 * SECOND).receiptHandle);
    expect(queue.oldestAge(10 * SECOND)).toBe(6 * SECOND);
  });

  it("excludes messages received three times or more from a standard queue's age, and none from a FIFO queue's", () => {
    const ageAfter = (fifo: boolean, receives: number) => {
      const queue = createQueue({ name: fifo ? "q.fifo" : "q", fifo, visibilityTimeoutMs: SECOND });
      const ids = fifo ? { groupId: "g", deduplicationId: "d" } : {};
      queue.send(0, { body: "poison", ...ids });
      for (let at = 1; at <= receives; at += 1) queue.receive(at * 10 * SECOND);
      return queue.oldestAge(MINUTE);
    };
    expect([2, 3].map((receives) => ageAfter(false, receives))).toEqual([MINUTE, undefined]);
    expect(ageAfter(true, 5)).toBe(MINUTE);
  });

  it("notifies watchers of every arrival and removal, whatever the reason", () => {
    const letters = createQueue({ name: "letters", fifo: false });
    const queue = standard({ maxReceiveCount: 1, deadLetterQueue: letters, retentionMs: MINUTE });
    const seen: string[] = [];
    queue.watch((change, { body }) => void seen.push(`${body} ${change}`));
    letters.watch((change, { body }) => void seen.push(`letter ${body} ${change}`));
    queue.send(0, { body: "deleted" });
    queue.delete(0, one(queue, 0).receiptHandle);
    queue.send(0, { body: "expired", delayMs: MINUTE });
    queue.send(0, { body: "poison" });
    queue.changeVisibility(1, one(queue, 1).receiptHandle, 0);
    expect(queue.receive(2)).toEqual([]);
    queue.counts(MINUTE);
    expect(seen).toEqual([
      "deleted came",
      "deleted left",
      "expired came",
      "poison came",
      "poison left",
      "letter poison came",
      "expired left",
    ]);
  });
});
