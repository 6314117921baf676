import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEventSourceMapping, type Batch } from "#memory/queue/event-source-mapping.ts";
import type { ReceivedMessage } from "#memory/queue/message.ts";
import { createQueue, type Queue } from "#memory/queue/queue.ts";
import type { HarnessMessage, QueueSetup } from "../contract/queue/describe-queue.ts";
import { NaiveQueue } from "../contract/queue/naive-queue.ts";

const SECOND = 1_000;
const RETENTION = 600 * SECOND;

type Step =
  | { readonly type: "send"; readonly group: number; readonly id: number; readonly delayMs: number }
  | { readonly type: "receive"; readonly max: number; readonly visibilityTimeoutMs: number | undefined }
  | { readonly type: "delete"; readonly handle: number }
  | { readonly type: "changeVisibility"; readonly handle: number; readonly ms: number }
  | { readonly type: "advance"; readonly ms: number }
  | { readonly type: "jump" };

const ms = fc.constantFrom(0, SECOND, 2 * SECOND, 5 * SECOND, 20 * SECOND, 43_200 * SECOND);
const handle = fc.nat(40);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("send" as const),
      group: fc.nat(2),
      id: fc.nat(12),
      delayMs: ms.filter((d) => d <= 20 * SECOND),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("receive" as const),
      max: fc.integer({ min: 1, max: 10 }),
      visibilityTimeoutMs: fc.option(ms, { nil: undefined }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("delete" as const), handle }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("changeVisibility" as const), handle, ms }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("advance" as const),
      ms: fc.constantFrom(500, SECOND, 5 * SECOND, 60 * SECOND, 299 * SECOND),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("jump" as const) }) },
);

const setup: fc.Arbitrary<QueueSetup> = fc.record(
  {
    fifo: fc.boolean(),
    visibilityTimeoutMs: fc.constantFrom(0, 2 * SECOND, 5 * SECOND),
    delayMs: fc.constantFrom(0, 3 * SECOND),
    deduplicationScope: fc.constantFrom("queue" as const, "messageGroup" as const),
    maxReceiveCount: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: ["fifo"] },
);

/** Either what a call answered or the code of its refusal. */
function outcome<T>(call: () => T): T | string {
  try {
    return call();
  } catch (error) {
    if (error instanceof Error && "code" in error) return String(error.code);
    throw error;
  }
}

/** Ids of both models count accepted messages; the handles differ and are left out. */
const seen = (messages: readonly HarnessMessage[]) =>
  messages.map(({ messageId, body, groupId, receiveCount }) => [
    /\d+$/.exec(messageId)?.[0],
    body,
    groupId,
    receiveCount,
  ]);

function drain(queue: Queue, now: number): readonly ReceivedMessage[] {
  const messages: ReceivedMessage[] = [];
  for (
    let batch = queue.receive(now, { max: 10 });
    batch.length > 0;
    batch = queue.receive(now, { max: 10 })
  ) {
    for (const message of batch) queue.delete(now, message.receiptHandle);
    messages.push(...batch);
  }
  return messages;
}

describe("the queue model, compared with arrays and scans", () => {
  it("answers every call like the reference, and loses no message", () => {
    fc.assert(
      fc.property(setup, fc.array(step, { maxLength: 80 }), (config, steps) => {
        const suffix = config.fifo ? ".fifo" : "";
        const { maxReceiveCount, ...rest } = config;
        const letters = createQueue({
          name: `letters${suffix}`,
          fifo: config.fifo,
          retentionMs: 1_209_600 * SECOND,
        });
        const model = createQueue({
          name: `queue${suffix}`,
          ...rest,
          retentionMs: RETENTION,
          ...(maxReceiveCount !== undefined && { maxReceiveCount, deadLetterQueue: letters }),
        });
        const naive = new NaiveQueue(config, RETENTION);
        const handles: (readonly [string, string])[] = [];
        const chosen = (index: number) =>
          handles[index % Math.max(handles.length, 1)] ?? (["none", "none"] as const);
        let now = 0;
        for (const next of steps) {
          switch (next.type) {
            case "send": {
              const input = {
                body: `body ${next.id}`,
                groupId: `g${next.group}`,
                ...(config.fifo ? { deduplicationId: `d${next.id}` } : { delayMs: next.delayMs }),
              };
              const sent = model.send(now, input);
              const expected = naive.send(now, input);
              expect([sent.deduplicated, /\d+$/.exec(sent.messageId)?.[0]]).toEqual([
                expected.deduplicated,
                expected.messageId.slice(1),
              ]);
              break;
            }
            case "receive": {
              const options = {
                max: next.max,
                ...(next.visibilityTimeoutMs !== undefined && {
                  visibilityTimeoutMs: next.visibilityTimeoutMs,
                }),
              };
              const got = model.receive(now, options);
              const expected = naive.receive(now, options);
              expect(seen(got)).toEqual(seen(expected));
              got.forEach((message, i) =>
                handles.push([message.receiptHandle, expected[i]?.receiptHandle ?? ""]),
              );
              break;
            }
            case "delete": {
              const [mine, theirs] = chosen(next.handle);
              const expected = outcome(() => naive.delete(now, theirs));
              expect(outcome(() => model.delete(now, mine).deleted)).toEqual(expected);
              break;
            }
            case "changeVisibility": {
              const [mine, theirs] = chosen(next.handle);
              const expected = outcome(() => naive.changeVisibility(now, theirs, next.ms));
              const refused = mine === "none" ? "ReceiptHandleIsInvalid" : expected;
              expect(outcome(() => model.changeVisibility(now, mine, next.ms))).toEqual(refused);
              break;
            }
            case "advance":
              now += next.ms;
              break;
            case "jump":
              now = naive.nextEventAt(now) ?? now;
              break;
          }
          expect(model.counts(now)).toEqual(naive.counts(now));
          expect(model.nextEventAt(now)).toEqual(naive.nextEventAt(now));
          expect(model.oldestAge(now)).toEqual(naive.oldestAge(now));
        }
        const { accepted, deleted, expired, deadLettered } = model.totals(now);
        const { visible, inFlight, delayed } = model.counts(now);
        expect(accepted).toBe(deleted + expired + deadLettered + visible + inFlight + delayed);
        expect(expired).toBe(naive.expired);
        expect(letters.counts(now).visible).toBe(deadLettered);
        const idsOf = (messages: readonly HarnessMessage[]) =>
          messages.map((m) => m.messageId.replace(/\D+/, "")).sort();
        expect(idsOf(drain(letters, now))).toEqual(idsOf(naive.deadLetters));
      }),
      { numRuns: 2_000 },
    );
  });
});

type Turn =
  | { readonly type: "send"; readonly group: number }
  | { readonly type: "poll" }
  | {
      readonly type: "complete";
      readonly batch: number;
      readonly failFrom: number | undefined;
      readonly throws: boolean;
    }
  | { readonly type: "wait" };

const turn: fc.Arbitrary<Turn> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant("send" as const), group: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("poll" as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("complete" as const),
      batch: fc.nat(5),
      failFrom: fc.option(fc.nat(9), { nil: undefined }),
      throws: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("wait" as const) }) },
);

describe("an event source mapping on a FIFO queue", () => {
  it("runs one batch per group at a time and finishes each group in the order sent, whatever fails", () => {
    fc.assert(
      fc.property(
        fc.array(turn, { maxLength: 100 }),
        fc.nat(1_000),
        fc.integer({ min: 1, max: 10 }),
        (turns, seed, batchSize) => {
          let draws = seed;
          const pick = (candidates: number) => (draws = (draws * 31 + 7) % 1_009) % candidates;
          const queue = createQueue({
            name: "work.fifo",
            fifo: true,
            visibilityTimeoutMs: 30 * SECOND,
            pick,
          });
          const mapping = createEventSourceMapping({
            queue,
            batchSize,
            maxConcurrency: 3,
            functionTimeoutMs: 5 * SECOND,
            reportBatchItemFailures: true,
          });
          const sent = new Map<string, string[]>();
          const finished = new Map<string, string[]>();
          const note = (log: Map<string, string[]>, group: string, body: string) =>
            log.set(group, [...(log.get(group) ?? []), body]);
          const active: Batch[] = [];
          let now = 0;
          let count = 0;
          const complete = (batch: Batch, failFrom: number, throws: boolean) => {
            const failures = batch.messages
              .slice(failFrom)
              .map(({ messageId }) => ({ itemIdentifier: messageId }));
            const outcome = throws
              ? ({ type: "error" } as const)
              : ({ type: "ok", response: { batchItemFailures: failures } } as const);
            const { deleted, returned } = mapping.complete(now, batch, outcome);
            expect(deleted).toEqual(throws ? [] : batch.messages.slice(0, failFrom));
            expect(deleted.length + returned.length).toBe(batch.messages.length);
            for (const { groupId = "", body } of deleted) note(finished, groupId, body);
          };
          for (const next of turns) {
            if (next.type === "send") {
              count += 1;
              const groupId = `g${next.group}`;
              queue.send(now, { body: String(count), groupId, deduplicationId: String(count) });
              note(sent, groupId, String(count));
            } else if (next.type === "poll") {
              const batch = mapping.poll(now);
              if (batch !== undefined) active.push(batch);
              const groups = active.map(
                ({ messages }) => new Set(messages.map((message) => message.groupId)),
              );
              expect(new Set(groups.flatMap((ids) => [...ids])).size).toBe(
                groups.reduce((sum, ids) => sum + ids.size, 0),
              );
              expect(mapping.activeBatches).toBeLessThanOrEqual(3);
            } else if (next.type === "complete") {
              const [batch] = active.splice(next.batch % Math.max(active.length, 1), 1);
              if (batch !== undefined) complete(batch, next.failFrom ?? batch.messages.length, next.throws);
            } else {
              // Visibility never runs out under a running batch: the function is ended first.
              for (const batch of active.splice(0)) complete(batch, 0, true);
              now += 30 * SECOND;
            }
          }
          for (const batch of active.splice(0)) complete(batch, 0, true);
          now += 30 * SECOND;
          for (let batch = mapping.poll(now); batch !== undefined; batch = mapping.poll(now)) {
            complete(batch, batch.messages.length, false);
          }
          expect(finished).toEqual(sent);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
