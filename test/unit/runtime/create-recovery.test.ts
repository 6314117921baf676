import { describe, expect, it } from "vitest";
import { SpineError } from "#core/errors.ts";
import type { InboxMessage } from "#ports/queues.ts";
import { createCoordinator } from "#runtime/doors/create-coordinator.ts";
import { createRecovery } from "#runtime/letters/create-recovery.ts";
import { answerOf, createBench, digest, eventInput, KEY, lastSent, ok, tell, typesOf } from "./engine.ts";

function recovering() {
  const sent: InboxMessage[] = [];
  const send = (...messages: readonly InboxMessage[]) => (sent.push(...messages), Promise.resolve());
  return { sent, recover: createRecovery({ inbox: { send }, digest }) };
}

async function aTask() {
  const bench = createBench();
  await tell(bench, [eventInput("1")]);
  return { bench, task: lastSent(bench) };
}

describe("a dead letter", () => {
  it("that carried a task becomes an input that names the attempt", async () => {
    const { task } = await aTask();
    const { sent, recover } = recovering();
    const body = JSON.stringify(task);
    expect(await recover({ queue: "agent-writer", id: "m1", body })).toBe(true);
    expect(sent).toEqual([
      {
        key: KEY,
        input: {
          kind: "letter",
          source: "dead-letters/agent-writer",
          id: "m1",
          hash: digest.sha256(body),
          correlation: "1",
          queue: "agent-writer",
          attempt: { task: task.task, attempt: 1 },
          reason: "received too often",
        },
      },
    ]);
  });

  it("that carried an answer speaks for its attempt as well, and passes on no token", async () => {
    const { task } = await aTask();
    const { sent, recover } = recovering();
    const body = JSON.stringify(answerOf(task, ok({ text: "lost" })));
    expect(await recover({ queue: "answers", id: "m1", body })).toBe(true);
    expect(sent).toMatchObject([{ input: { attempt: { task: task.task, attempt: 1 } } }]);
    expect(JSON.stringify(sent)).not.toContain(task.token);
  });

  it("that carried an input names no attempt", async () => {
    const { sent, recover } = recovering();
    const body = JSON.stringify({ ...KEY, input: eventInput("1") });
    expect(await recover({ queue: "inbox", id: "m1", body })).toBe(true);
    expect(sent[0]?.input).not.toHaveProperty("attempt");
  });

  it("is taken by the coordinator, once however often it comes, and moves its task on", async () => {
    const { bench, task } = await aTask();
    const { sent, recover } = recovering();
    for (const _ of [1, 2]) await recover({ queue: "agent-writer", id: "m1", body: JSON.stringify(task) });
    const batch = sent.map(({ key, input }, index) => ({
      id: String(index),
      body: JSON.stringify({ ...key, input }),
    }));
    expect(await createCoordinator(bench.engine).inbox(batch)).toEqual([]);
    const types = await typesOf(bench);
    expect(types.filter((type) => type === "DeadLetterRecorded")).toHaveLength(1);
    expect(types).toEqual(expect.arrayContaining(["AttemptFailed", "RetryScheduled"]));
  });

  it.each([
    ["no JSON", "{"],
    ["no object", "[1]"],
    ["null", "null"],
    ["no session", JSON.stringify({ tenant: "acme" })],
    ["a session that cannot be", JSON.stringify({ tenant: "acme", session: "../x" })],
    ["no task", "[]"],
  ])("with %s is nobody's", async (_what, body) => {
    const { sent, recover } = recovering();
    expect(await recover({ queue: "inbox", id: "m1", body })).toBe(false);
    expect(sent).toEqual([]);
  });

  it("that the inbox does not take is not lost: the error goes on", async () => {
    const down = new SpineError("queue.rejected", "The inbox took nothing.", { retryable: true });
    const recover = createRecovery({ inbox: { send: () => Promise.reject(down) }, digest });
    await expect(recover({ queue: "inbox", id: "m1", body: JSON.stringify(KEY) })).rejects.toBe(down);
  });
});
