import { describe, expect, it } from "vitest";
import { SpineError } from "#core/errors.ts";
import { createHmacTokens } from "#node/hmac-tokens.ts";
import { loadSession } from "#runtime/session/load-session.ts";
import { answerOf, digest, eventInput, KEY, lastSent, ok, START, tell, typesOf } from "../engine.ts";
import { arrived, createLetterBench, deadline } from "./bench.ts";

async function withTask() {
  const bench = createLetterBench();
  await tell(bench, [eventInput("1")]);
  return { bench, task: lastSent(bench) };
}

const down = new SpineError("queue.rejected", "The inbox took nothing.", { retryable: true });

describe("a dead letter", () => {
  it("of a task becomes an input that names the attempt", async () => {
    const { bench, task } = await withTask();
    const body = JSON.stringify(task);
    expect(await bench.recovery.letters([arrived("agent-writer", body)])).toEqual([]);
    expect(bench.inputs).toEqual([
      {
        key: KEY,
        input: {
          kind: "letter",
          source: "dead-letters/agent-writer",
          id: "m-1",
          hash: digest.sha256(body),
          correlation: "1",
          queue: "agent-writer",
          attempt: { task: task.task, attempt: 1 },
          reason: "received too often",
        },
      },
    ]);
  });

  it("of an answer counts for its attempt as well, and passes on no token", async () => {
    const { bench, task } = await withTask();
    await bench.recovery.letters([arrived("answers", answerOf(task, ok({ text: "lost" })))]);
    expect(bench.inputs).toMatchObject([{ input: { attempt: { task: task.task, attempt: 1 } } }]);
    expect(JSON.stringify(bench.inputs)).not.toContain(task.token);
  });

  it("of an answer with another token counts for no attempt", async () => {
    const { bench, task } = await withTask();
    const tokens = createHmacTokens("a secret of somebody else, only for tests, 32 bytes");
    const token = tokens.issue({ ...KEY, task: task.task, attempt: task.attempt });
    await bench.recovery.letters([arrived("answers", { ...answerOf(task, ok({})), token })]);
    expect(bench.inputs).toEqual([]);
    expect(bench.kept).toEqual(["m-1 lost"]);
  });

  it("of an input names no attempt", async () => {
    const bench = createLetterBench();
    await bench.recovery.letters([arrived("inbox", { ...KEY, input: eventInput("1") })]);
    expect(bench.inputs).toHaveLength(1);
    expect(bench.inputs[0]?.input).not.toHaveProperty("attempt");
  });

  it("is processed by the coordinator once, however often it arrives, and its task continues", async () => {
    const { bench, task } = await withTask();
    for (const _ of [1, 2]) await bench.recovery.letters([arrived("agent-writer", task)]);
    expect(await bench.deliver()).toEqual([]);
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
  ])("with %s has no owner", async (_what, body) => {
    const bench = createLetterBench();
    expect(await bench.recovery.letters([arrived("inbox", body)])).toEqual([]);
    expect([bench.inputs, bench.kept]).toEqual([[], ["m-1 lost"]]);
  });

  it("that the inbox rejects is redelivered, and the others of its batch are accepted", async () => {
    let sends = 0;
    const failsOnce = () => ((sends += 1) === 1 ? Promise.reject(down) : Promise.resolve());
    const bench = createLetterBench({}, failsOnce);
    const batch = ["m-1", "m-2"].map((id) => arrived("inbox", { ...KEY, input: eventInput(id) }, id));
    expect(await bench.recovery.letters(batch)).toEqual(["m-1"]);
    expect(bench.troubled).toEqual(["letter m-1 of inbox"]);
    expect(bench.kept).toEqual(["m-2 sent"]);
  });
});

describe("a deadline", () => {
  const message = (id: string, body: unknown) => ({
    id,
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

  it("becomes an input once its time has come, and is delayed again until then", async () => {
    const { bench } = await withTask();
    const { state } = await loadSession(bench.engine, KEY);
    const [at = NaN] = state.armed;
    bench.clock.advanceTo(at);
    const batch = [message("d-1", deadline(at)), message("d-2", deadline(at + 1))];
    expect(await bench.recovery.deadlines(batch)).toEqual([]);
    expect(bench.inputs).toEqual([{ key: KEY, input: { kind: "deadline", at } }]);
    expect(bench.armed).toEqual([{ key: KEY, at: at + 1 }]);
  });

  it.each([
    ["no JSON", "{"],
    ["no time", JSON.stringify(KEY)],
    ["a time that is a text", JSON.stringify({ ...KEY, at: "5" })],
    ["no session", JSON.stringify({ tenant: "acme", at: 5 })],
  ])(
    "with %s is redelivered until it is a letter, and the others of its batch are accepted",
    async (_what, body) => {
      const bench = createLetterBench();
      const batch = [message("d-1", body), message("d-2", deadline(START + 1))];
      expect(await bench.recovery.deadlines(batch)).toEqual(["d-1"]);
      expect(bench.troubled).toEqual(["deadline d-1"]);
      expect(bench.armed).toHaveLength(1);
    },
  );
});
