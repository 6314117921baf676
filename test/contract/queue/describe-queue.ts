import { afterEach, describe, expect, it } from "vitest";

/** What a queue under test is made of. Whole seconds only, since the SQS protocol knows nothing finer. */
export interface QueueSetup {
  readonly fifo: boolean;
  readonly visibilityTimeoutMs?: number;
  readonly delayMs?: number;
  readonly contentBasedDeduplication?: boolean;
  readonly deduplicationScope?: "queue" | "messageGroup";
  /** With it, the harness makes a dead-letter queue too. */
  readonly maxReceiveCount?: number;
}

export interface HarnessSend {
  readonly body: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  readonly delayMs?: number;
}

export interface HarnessMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  readonly sequenceNumber?: string;
  readonly receiveCount: number;
}

/** One queue, and the time it lives in. Refusals reject with an error whose `code` is SQS's name for it. */
export interface QueueHarness {
  send(input: HarnessSend): Promise<{ readonly messageId: string; readonly sequenceNumber?: string }>;
  receive(options?: {
    readonly max?: number;
    readonly visibilityTimeoutMs?: number;
  }): Promise<readonly HarnessMessage[]>;
  delete(receiptHandle: string): Promise<void>;
  changeVisibility(receiptHandle: string, visibilityTimeoutMs: number): Promise<void>;
  receiveDeadLetters(max?: number): Promise<readonly HarnessMessage[]>;
  counts(): Promise<{ readonly visible: number; readonly inFlight: number; readonly delayed: number }>;
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
}

export interface DescribeQueueOptions {
  /** Whether `advance` may be asked for minutes: false where time really passes. @default true */
  readonly longWaits?: boolean;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** What every queue must do, memory model or emulator behind the SQS protocol. */
export function describeQueue(
  name: string,
  makeHarness: (setup: QueueSetup) => Promise<QueueHarness>,
  { longWaits = true }: DescribeQueueOptions = {},
): void {
  const opened: QueueHarness[] = [];
  const open = async (setup: QueueSetup): Promise<QueueHarness> => {
    const queue = await makeHarness(setup);
    opened.push(queue);
    return queue;
  };
  const bodies = (messages: readonly HarnessMessage[]) => messages.map((message) => message.body);
  const only = (messages: readonly HarnessMessage[]): HarnessMessage => {
    const [message] = messages;
    if (message === undefined || messages.length > 1)
      throw new Error(`Expected one message: ${bodies(messages)}`);
    return message;
  };

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((queue) => queue.close()));
  });

  describe(`${name}: standard queue`, () => {
    it("delivers a message once while it is in flight, and again when its visibility timeout ends", async () => {
      const queue = await open({ fifo: false, visibilityTimeoutMs: 2 * SECOND });
      const { messageId } = await queue.send({ body: "a" });
      const first = only(await queue.receive());
      expect(first).toMatchObject({ messageId, body: "a", receiveCount: 1 });
      expect(await queue.receive()).toEqual([]);
      await queue.advance(2 * SECOND);
      const second = only(await queue.receive());
      expect(second).toMatchObject({ messageId, receiveCount: 2 });
      expect(second.receiptHandle).not.toBe(first.receiptHandle);
    });

    it("never delivers a deleted message again", async () => {
      const queue = await open({ fifo: false, visibilityTimeoutMs: SECOND });
      await queue.send({ body: "a" });
      await queue.delete(only(await queue.receive()).receiptHandle);
      await queue.advance(SECOND);
      expect(await queue.receive()).toEqual([]);
      expect(await queue.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    });

    it("deletes with a handle after its visibility timeout, if the message was not received again", async () => {
      const queue = await open({ fifo: false, visibilityTimeoutMs: SECOND });
      await queue.send({ body: "a" });
      const message = only(await queue.receive());
      await queue.advance(SECOND);
      await queue.delete(message.receiptHandle);
      expect(await queue.receive()).toEqual([]);
    });

    it("reports success for a second delete", async () => {
      const queue = await open({ fifo: false });
      await queue.send({ body: "a" });
      const { receiptHandle } = only(await queue.receive());
      await queue.delete(receiptHandle);
      await expect(queue.delete(receiptHandle)).resolves.toBeUndefined();
    });

    it("delays a message for its delay", async () => {
      const queue = await open({ fifo: false });
      await queue.send({ body: "later", delayMs: 2 * SECOND });
      expect(await queue.receive()).toEqual([]);
      expect(await queue.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 1 });
      await queue.advance(2 * SECOND);
      expect(bodies(await queue.receive())).toEqual(["later"]);
    });

    it("makes a message visible at once when its visibility is set to zero, and later when it is extended", async () => {
      const queue = await open({ fifo: false, visibilityTimeoutMs: 2 * SECOND });
      await queue.send({ body: "a" });
      await queue.changeVisibility(only(await queue.receive()).receiptHandle, 0);
      const again = only(await queue.receive());
      await queue.changeVisibility(again.receiptHandle, 4 * SECOND);
      await queue.advance(3 * SECOND);
      expect(await queue.receive()).toEqual([]);
      await queue.advance(SECOND);
      expect(bodies(await queue.receive())).toEqual(["a"]);
    });

    it("moves a message to the dead-letter queue at the receive after its last one", async () => {
      const queue = await open({ fifo: false, visibilityTimeoutMs: SECOND, maxReceiveCount: 2 });
      const { messageId } = await queue.send({ body: "poison" });
      for (const receiveCount of [1, 2]) {
        expect(only(await queue.receive())).toMatchObject({ receiveCount });
        await queue.advance(SECOND);
      }
      expect(await queue.receiveDeadLetters()).toEqual([]);
      expect(await queue.receive()).toEqual([]);
      expect(only(await queue.receiveDeadLetters())).toMatchObject({ messageId, body: "poison" });
    });

    it("rejects a handle that it never issued", async () => {
      const queue = await open({ fifo: false });
      await expect(queue.delete("nonsense")).rejects.toMatchObject({ code: "ReceiptHandleIsInvalid" });
    });
  });

  describe(`${name}: FIFO queue`, () => {
    const fifo = { fifo: true, visibilityTimeoutMs: 2 * SECOND } as const;
    const sendAll = async (queue: QueueHarness, groupId: string, ...texts: readonly string[]) => {
      for (const body of texts) await queue.send({ body, groupId, deduplicationId: body });
    };

    it("returns several messages of one group in order, and adds other groups when there is room", async () => {
      const queue = await open(fifo);
      await sendAll(queue, "a", "a1", "a2");
      await sendAll(queue, "b", "b1");
      await sendAll(queue, "a", "a3");
      const received = await queue.receive({ max: 10 });
      expect(bodies(received.filter((message) => message.groupId === "a"))).toEqual(["a1", "a2", "a3"]);
      expect(bodies(received.filter((message) => message.groupId === "b"))).toEqual(["b1"]);
    });

    it("assigns increasing sequence numbers within a group", async () => {
      const queue = await open(fifo);
      await sendAll(queue, "a", "a1", "a2", "a3");
      const numbers = (await queue.receive({ max: 10 })).map((message) =>
        BigInt(message.sequenceNumber ?? ""),
      );
      expect(numbers).toEqual([...numbers].sort((x, y) => (x < y ? -1 : 1)));
      expect(new Set(numbers).size).toBe(3);
    });

    it("delivers no message of a group with one in flight, but still delivers other groups", async () => {
      const queue = await open(fifo);
      await sendAll(queue, "a", "a1", "a2");
      const first = only(await queue.receive({ max: 1 }));
      expect(await queue.receive({ max: 10 })).toEqual([]);
      await sendAll(queue, "b", "b1");
      expect(bodies(await queue.receive({ max: 10 }))).toEqual(["b1"]);
      await queue.delete(first.receiptHandle);
      expect(bodies(await queue.receive({ max: 10 }))).toEqual(["a2"]);
    });

    it("redelivers a failed message before the later ones of its group", async () => {
      const queue = await open(fifo);
      await sendAll(queue, "a", "a1", "a2");
      const { receiptHandle } = only(await queue.receive({ max: 1 }));
      await queue.changeVisibility(receiptHandle, 0);
      expect(bodies(await queue.receive({ max: 10 }))).toEqual(["a1", "a2"]);
    });

    it("blocks a group until the last message of a batch is deleted or visible again", async () => {
      const queue = await open(fifo);
      await sendAll(queue, "a", "a1", "a2", "a3");
      const [first, second] = await queue.receive({ max: 2 });
      await queue.changeVisibility(first?.receiptHandle ?? "", 0);
      expect(await queue.receive({ max: 10 })).toEqual([]);
      await queue.delete(second?.receiptHandle ?? "");
      expect(bodies(await queue.receive({ max: 10 }))).toEqual(["a1", "a3"]);
    });

    it("accepts a duplicate with success and never delivers it, even after the first was deleted", async () => {
      const queue = await open(fifo);
      const original = await queue.send({ body: "one", groupId: "a", deduplicationId: "d" });
      const duplicate = await queue.send({ body: "two", groupId: "b", deduplicationId: "d" });
      expect(duplicate).toMatchObject({ messageId: original.messageId });
      await queue.delete(only(await queue.receive({ max: 10 })).receiptHandle);
      await queue.send({ body: "three", groupId: "a", deduplicationId: "d" });
      expect(await queue.receive({ max: 10 })).toEqual([]);
    });

    it("deduplicates within a message group only, when the scope says so", async () => {
      const queue = await open({ ...fifo, deduplicationScope: "messageGroup" });
      await queue.send({ body: "one", groupId: "a", deduplicationId: "d" });
      await queue.send({ body: "two", groupId: "b", deduplicationId: "d" });
      await queue.send({ body: "three", groupId: "a", deduplicationId: "d" });
      expect(bodies(await queue.receive({ max: 10 })).sort()).toEqual(["one", "two"]);
    });

    it("deduplicates by content when configured", async () => {
      const queue = await open({ ...fifo, contentBasedDeduplication: true });
      for (const body of ["same", "same", "other"]) await queue.send({ body, groupId: "a" });
      expect(bodies(await queue.receive({ max: 10 }))).toEqual(["same", "other"]);
    });

    it.runIf(longWaits)("forgets a deduplication id five minutes after the accepted send", async () => {
      const queue = await open(fifo);
      await queue.send({ body: "one", groupId: "a", deduplicationId: "d" });
      await queue.advance(4 * MINUTE + 59 * SECOND);
      await queue.send({ body: "two", groupId: "a", deduplicationId: "d" });
      await queue.advance(SECOND);
      await queue.send({ body: "three", groupId: "a", deduplicationId: "d" });
      expect(bodies(await queue.receive({ max: 10 }))).toEqual(["one", "three"]);
    });

    it("rejects a delete with a handle after its visibility timeout", async () => {
      const queue = await open(fifo);
      await sendAll(queue, "a", "a1");
      const { receiptHandle } = only(await queue.receive());
      await queue.advance(2 * SECOND);
      await expect(queue.delete(receiptHandle)).rejects.toMatchObject({ code: "InvalidParameterValue" });
      expect(bodies(await queue.receive())).toEqual(["a1"]);
    });

    it("unblocks a group when its first message moves to the dead-letter queue", async () => {
      const queue = await open({ ...fifo, maxReceiveCount: 1 });
      await sendAll(queue, "a", "poison");
      const poison = only(await queue.receive());
      await sendAll(queue, "a", "next");
      await queue.advance(2 * SECOND);
      expect(bodies(await queue.receive({ max: 10 }))).toEqual(["next"]);
      const letter = only(await queue.receiveDeadLetters());
      const { messageId } = poison;
      expect(letter).toMatchObject({ messageId, body: "poison", groupId: "a", deduplicationId: messageId });
    });

    it("rejects a message without a group, without a deduplication id, or with its own delay", async () => {
      const queue = await open(fifo);
      const code = (expected: string) => ({ code: expected });
      await expect(queue.send({ body: "x", deduplicationId: "d" })).rejects.toMatchObject(
        code("MissingParameter"),
      );
      await expect(queue.send({ body: "x", groupId: "a" })).rejects.toMatchObject(
        code("InvalidParameterValue"),
      );
      await expect(
        queue.send({ body: "x", groupId: "a", deduplicationId: "d", delayMs: SECOND }),
      ).rejects.toMatchObject(code("InvalidParameterValue"));
    });

    it("delays every message when the queue does", async () => {
      const queue = await open({ ...fifo, delayMs: 2 * SECOND });
      await sendAll(queue, "a", "a1", "a2");
      expect(await queue.receive({ max: 10 })).toEqual([]);
      await queue.advance(2 * SECOND);
      expect(bodies(await queue.receive({ max: 10 }))).toEqual(["a1", "a2"]);
    });
  });
}
