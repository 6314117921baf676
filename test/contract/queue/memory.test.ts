import { createQueue } from "#memory/queue/queue.ts";
import { describeQueue, type QueueHarness, type QueueSetup } from "./describe-queue.ts";
import { NaiveQueue } from "./naive-queue.ts";

function memoryHarness({ maxReceiveCount, ...setup }: QueueSetup): Promise<QueueHarness> {
  const suffix = setup.fifo ? ".fifo" : "";
  const letters = createQueue({ name: `letters${suffix}`, fifo: setup.fifo });
  const queue = createQueue({
    name: `queue${suffix}`,
    ...setup,
    ...(maxReceiveCount !== undefined && { maxReceiveCount, deadLetterQueue: letters }),
  });
  let now = 1_000_000;
  return Promise.resolve({
    send: async (input) => queue.send(now, input),
    receive: async (options) => queue.receive(now, options),
    delete: async (receiptHandle) => void queue.delete(now, receiptHandle),
    changeVisibility: async (receiptHandle, ms) => queue.changeVisibility(now, receiptHandle, ms),
    receiveDeadLetters: async (max = 10) => letters.receive(now, { max }),
    counts: async () => queue.counts(now),
    advance: async (ms) => void (now += ms),
    close: async () => undefined,
  });
}

function naiveHarness(setup: QueueSetup): Promise<QueueHarness> {
  const queue = new NaiveQueue(setup);
  let now = 1_000_000;
  return Promise.resolve({
    send: async (input) => queue.send(now, input),
    receive: async (options = {}) => queue.receive(now, options),
    delete: async (receiptHandle) => void queue.delete(now, receiptHandle),
    changeVisibility: async (receiptHandle, ms) => queue.changeVisibility(now, receiptHandle, ms),
    receiveDeadLetters: async () => queue.deadLetters,
    counts: async () => queue.counts(now),
    advance: async (ms) => void (now += ms),
    close: async () => undefined,
  });
}

describeQueue("memory model", memoryHarness);
describeQueue("reference model of the property tests", naiveHarness);
