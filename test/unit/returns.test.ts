import { describe, expect, it } from "vitest";
import { leastPatienceSeconds, RETURNS, secondsUntilBack, type ReturnKind } from "#core/returns.ts";
import { EventSourceMapping } from "#memory/queue/event-source-mapping.ts";
import { createQueue } from "#memory/queue/queue.ts";
import { returnedIn, returnSoon } from "#testing/in-process/return-soon.ts";

const SEEDS = Array.from({ length: 200 }, (_, n) => `seed ${n}`);

describe("a message that is returned to its queue", () => {
  it("is redelivered after a second, then later each time, up to its queue's longest delay", () => {
    const longest = [1, 2, 3, 4, 5, 6, 16].map((receives) =>
      Math.max(...SEEDS.map((seed) => secondsUntilBack(RETURNS.inputs, receives, seed))),
    );
    expect(longest).toEqual([1, 2, 4, 8, 16, 25, 25]);
    expect(secondsUntilBack(RETURNS.letters, 5_000, "a")).toBeLessThanOrEqual(50);
  });

  it("is redelivered apart from others that failed with it, after at least three quarters of its delay", () => {
    const delays = new Set(SEEDS.map((seed) => secondsUntilBack(RETURNS.events, 9, seed)));
    expect(Math.min(...delays)).toBe(90);
    expect(delays.size).toBeGreaterThan(20);
  });

  it.each<[ReturnKind, number]>([
    ["inputs", 233],
    ["deadlines", 313],
    ["newer", 942],
    ["events", 455],
    ["commits", 995],
    ["tasks", 73],
  ])("of %s becomes a dead letter after %d seconds at least", (kind, seconds) => {
    expect(leastPatienceSeconds(RETURNS[kind])).toBe(seconds);
  });
});

describe("a partly returned batch of one session", () => {
  const received = () => {
    const queue = createQueue({ name: "inbox.fifo", fifo: true, visibilityTimeoutMs: 30_000 });
    for (const body of ["1", "2", "3", "4"])
      queue.send(0, { body, groupId: "session", deduplicationId: body });
    const mapping = new EventSourceMapping({
      queue,
      functionTimeoutMs: 5_000,
      reportBatchItemFailures: true,
    });
    const batch = mapping.poll(0);
    if (batch === undefined) throw new Error("Nothing came.");
    return { source: { duty: { type: "inbox" }, queue, mapping } as const, batch };
  };
  const bodies = (messages: readonly { readonly body: string }[]) => messages.map(({ body }) => body);

  it("is redelivered within a second, in order, and later messages wait behind it", () => {
    const { source, batch } = received();
    const [, ...rest] = batch.messages;
    const response = { batchItemFailures: rest.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    returnSoon(source, 0, returnedIn(batch, response));
    source.mapping.complete(0, batch, { type: "ok", response });
    source.queue.send(10, { body: "5", groupId: "session", deduplicationId: "5" });
    expect(source.mapping.poll(999)).toBeUndefined();
    expect(bodies(source.mapping.poll(1_000)?.messages ?? [])).toEqual(["2", "3", "4", "5"]);
  });

  it("waits for a message whose visibility could not be shortened, and stays in order", () => {
    const { source, batch } = received();
    returnSoon(source, 0, batch.messages.slice(1));
    source.mapping.complete(0, batch, { type: "error" });
    expect(source.mapping.poll(29_999)).toBeUndefined();
    expect(bodies(source.mapping.poll(30_000)?.messages ?? [])).toEqual(["1", "2", "3", "4"]);
  });
});
