import { describe, expect, it } from "vitest";
import { createMovableClock } from "#memory/movable-clock.ts";
import { createQueue } from "#memory/queue/queue.ts";
import { deferred, type Deferred } from "#local/deferred.ts";
import type { Invocation, Lease } from "#local/lambda/lambda-function.ts";
import { startQueuePoller, type QueuePollerOptions } from "#local/mappings/queue-poller.ts";
import { createRequestCounter } from "#local/request-counts.ts";
import { createQueueHost } from "#local/sqs/queue-host.ts";

const VISIBILITY_MS = 30_000;

/** A function whose processes are given out, and whose invocations end, when the test says so. */
function createFunction() {
  const asked: Deferred<void>[] = [];
  const running: Deferred<Invocation>[] = [];
  let released = 0;
  const target: QueuePollerOptions["target"] = {
    config: {
      name: "worker",
      arn: "arn:aws:lambda:us-east-1:000000000000:function:worker",
      file: "",
      exportName: "handler",
      environment: {},
      timeoutMs: 5_000,
      memoryMb: 128,
    },
    async lease(): Promise<Lease> {
      const turn = deferred<void>();
      asked.push(turn);
      await turn.promise;
      return {
        invoke: () => {
          const invocation = deferred<Invocation>();
          running.push(invocation);
          return invocation.promise;
        },
        release: () => void (released += 1),
      };
    },
  };
  return { target, asked, running, released: () => released };
}

function createWorld(maxConcurrency?: number) {
  const clock = createMovableClock(0);
  const host = createQueueHost(clock);
  const queue = createQueue({ name: "work.fifo", fifo: true, visibilityTimeoutMs: VISIBILITY_MS });
  const source = host.add(queue, "arn:aws:sqs:us-east-1:000000000000:work.fifo");
  const worker = createFunction();
  const poller = startQueuePoller({
    host,
    source,
    target: worker.target,
    batchSize: 1,
    maxConcurrency,
    reportBatchItemFailures: true,
    region: "us-east-1",
    counts: createRequestCounter(),
  });
  const send = (groupId: string) => {
    queue.send(clock.now(), { body: groupId, groupId, deduplicationId: `${groupId}-${clock.now()}` });
    host.changed(queue);
  };
  return { clock, queue, poller, send, ...worker, counts: () => queue.counts(clock.now()) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const DONE: Invocation = { type: "ok", payload: "null" };

describe("a queue's poller", () => {
  it("leaves messages in the queue until a process is free, so that waiting causes no redelivery", async () => {
    const { send, asked, running, counts, clock, queue } = createWorld();
    send("a");
    await settled();
    expect(counts()).toMatchObject({ visible: 1, inFlight: 0 });
    await clock.runBy(10 * VISIBILITY_MS);
    expect([asked.length, queue.totals(clock.now()).received]).toEqual([1, 0]);
    asked[0]?.resolve();
    await settled();
    expect(counts()).toMatchObject({ visible: 0, inFlight: 1 });
    running[0]?.resolve(DONE);
    await settled();
    expect(counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    expect(queue.totals(clock.now()).received).toBe(1);
  });

  it("asks for one process after another while messages are available", async () => {
    const { send, asked, running, poller } = createWorld();
    send("a");
    send("b");
    await settled();
    expect(asked).toHaveLength(1);
    asked[0]?.resolve();
    await settled();
    expect(asked).toHaveLength(2);
    asked[1]?.resolve();
    await settled();
    expect([running.length, poller.busy, asked.length]).toEqual([2, 2, 2]);
  });

  it("asks for none beyond the mapping's maximum, nor for a blocked group", async () => {
    const { send, asked, running, released } = createWorld(2);
    for (const group of ["a", "b", "c"]) send(group);
    for (let at = 0; at < 2; at += 1) {
      await settled();
      asked[at]?.resolve();
    }
    await settled();
    expect(asked).toHaveLength(2);
    running[0]?.resolve(DONE);
    await settled();
    expect([asked.length, released()]).toEqual([3, 1]);

    const one = createWorld();
    one.send("a");
    await settled();
    one.asked[0]?.resolve();
    await settled();
    await one.clock.runBy(1);
    one.send("a");
    await settled();
    expect(one.asked).toHaveLength(1);
  });

  const THROTTLED: Invocation = { type: "throttled", reason: "ConcurrentInvocationLimitExceeded" };

  it("retries a throttled batch while its messages are hidden, as one receive", async () => {
    const { send, asked, running, clock, queue } = createWorld();
    send("a");
    await settled();
    asked[0]?.resolve();
    await settled();
    running[0]?.resolve(THROTTLED);
    await clock.runBy(1_000);
    await settled();
    expect(running).toHaveLength(2);
    running[1]?.resolve(DONE);
    await settled();
    expect(queue.totals(clock.now())).toMatchObject({ received: 1, deleted: 1 });
  });

  it("counts a batch that stays throttled as one more receive each time", async () => {
    const { send, asked, running, clock, queue } = createWorld();
    send("a");
    await settled();
    for (let at = 0; at < 40; at += 1) {
      asked.at(-1)?.resolve();
      await settled();
      running.at(-1)?.resolve(THROTTLED);
      await clock.runBy(VISIBILITY_MS / 4);
      await settled();
    }
    expect(queue.totals(clock.now()).deleted).toBe(0);
    expect(queue.totals(clock.now()).received).toBeGreaterThan(3);
  });

  it("releases a process that it no longer needs", async () => {
    const { send, asked, running, released, poller } = createWorld();
    send("a");
    await settled();
    await poller.stop();
    asked[0]?.resolve();
    await settled();
    expect([running.length, released()]).toEqual([0, 1]);
  });
});
