import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createQueue, type Queue } from "#memory/queue/queue.ts";

const DAY = 86_400_000;
const fifo = (searchWindow?: number) =>
  createQueue({ name: "work.fifo", fifo: true, ...(searchWindow !== undefined && { searchWindow }) });
const send = (queue: Queue, body: string, groupId: string) =>
  queue.send(0, { body, groupId, deduplicationId: body });
const bodiesOf = (queue: Queue, max = 10) => queue.receive(0, { max }).map(({ body }) => body);

describe("the search window of a FIFO queue", () => {
  it("hides every group behind so many messages of closed groups, until some of them are gone", () => {
    const queue = fifo(4);
    for (let at = 0; at < 4; at += 1) send(queue, `noisy-${at}`, "noisy");
    send(queue, "quiet", "quiet");
    const [first] = queue.receive(0);
    expect(first?.body).toBe("noisy-0");
    // Three of the closed group wait before it, and the one in flight counts.
    expect(bodiesOf(queue)).toEqual([]);
    queue.delete(0, first?.receiptHandle ?? "");
    expect(bodiesOf(queue, 1)).toEqual(["noisy-1"]);
    expect(bodiesOf(queue)).toEqual(["quiet"]);
  });

  it("shows what is behind it when messages in it expire", () => {
    const queue = fifo(1);
    queue.send(0, { body: "old", groupId: "a", deduplicationId: "old" });
    queue.send(DAY, { body: "new", groupId: "b", deduplicationId: "new" });
    queue.receive(DAY, { visibilityTimeoutMs: 43_200_000 });
    expect(queue.receive(DAY)).toEqual([]);
    expect(queue.receive(4 * DAY).map(({ body }) => body)).toEqual(["new"]);
  });

  it("is 120,000 messages, as documented", () => {
    expect(fifo().config.searchWindow).toBe(120_000);
  });

  it("never hands out a message behind the first so many, and always one if an open group begins among them", () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant("send" as const), group: fc.integer({ min: 0, max: 4 }) }),
      fc.record({ type: fc.constant("receive" as const), chosen: fc.nat() }),
      fc.record({ type: fc.constant("delete" as const), which: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 60 }), (size, steps) => {
        let choice = 0;
        const queue = createQueue({
          name: "work.fifo",
          fifo: true,
          searchWindow: size,
          pick: (candidates) => choice % candidates,
        });
        let held: { readonly body: string; readonly group: number; handle?: string }[] = [];
        let sent = 0;
        for (const one of steps) {
          if (one.type === "send") {
            const body = `m${(sent += 1)}`;
            send(queue, body, `g${one.group}`);
            held.push({ body, group: one.group });
          } else if (one.type === "delete") {
            const flying = held.filter(({ handle }) => handle !== undefined);
            const gone = flying[one.which % Math.max(1, flying.length)];
            if (gone?.handle === undefined) continue;
            queue.delete(0, gone.handle);
            held = held.filter((message) => message !== gone);
          } else {
            choice = one.chosen;
            const closed = new Set(
              held.filter(({ handle }) => handle !== undefined).map(({ group }) => group),
            );
            const open = held.slice(0, size).filter(({ group }) => !closed.has(group));
            const [received] = queue.receive(0);
            expect(received === undefined).toBe(open.length === 0);
            const message = open.find(({ body }) => body === received?.body);
            expect(message === undefined).toBe(received === undefined);
            if (message !== undefined && received !== undefined) message.handle = received.receiptHandle;
          }
        }
      }),
    );
  });
});
