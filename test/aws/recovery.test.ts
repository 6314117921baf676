import type { Context, SQSEvent, SQSRecord } from "aws-lambda";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { createObserver } from "#aws/observe/observe.ts";
import { createRecoverer } from "#functions/recovery/recover.ts";
import { createHmacTokens } from "#node/hmac-tokens.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { parseSessionKey } from "#core/ids.ts";
import type { Input } from "#core/session/input.ts";
import type { InboxMessage } from "#ports/queues.ts";
import { createMemoryBlobs } from "#memory/memory-blobs.ts";
import { createMemoryLetterBox } from "#memory/memory-letter-box.ts";
import { createMemorySessionLog } from "#memory/memory-session-log.ts";

// Only the id of a request is read from it.
const context = { awsRequestId: "request-1" } as Context;
const key = parseSessionKey({ tenant: "acme", session: "s-1" });

/** Only these fields of a record are read. */
const record = (queue: string, messageId: string, body: unknown): SQSRecord =>
  ({
    messageId,
    body: typeof body === "string" ? body : JSON.stringify(body),
    attributes: { SentTimestamp: "1000" },
    messageAttributes: {},
    eventSourceARN: `arn:aws:sqs:eu-west-1:1:${queue}`,
  }) as SQSRecord;
const batch = (...records: readonly SQSRecord[]): SQSEvent => ({ Records: [...records] });
const failures = (...ids: readonly string[]) => ({
  batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
});

let lines: string[];

beforeEach(() => {
  lines = [];
  vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "spine-recovery");
});

function make() {
  const sent: Input[] = [];
  const armed: number[] = [];
  const started: string[] = [];
  const soon: string[] = [];
  const box = createMemoryLetterBox();
  const log = createMemorySessionLog();
  const inbox = {
    send: (...messages: readonly InboxMessage[]) =>
      Promise.resolve(void sent.push(...messages.map(({ input }) => input))),
  };
  const shared = {
    stores: { log, blobs: createMemoryBlobs(), digest: createNodeDigest() },
    box,
    executions: {
      start: (name: string) => Promise.resolve((started.push(name), "running" as const)),
    },
    inbox,
    tokens: createHmacTokens("a secret that is only for tests, 32 bytes and more"),
    clock: { now: () => 1_000 },
  };
  const receive = createRecoverer({
    seals: () => false,
    ...shared,
    prove: (records) =>
      Promise.resolve(new Set(records.filter(({ receiptHandle }) => receiptHandle === "made up"))),
    deadlines: { arm: (_, at) => Promise.resolve(void armed.push(at)) },
    returnSoon: (_records, returned, kind) =>
      Promise.resolve(void soon.push(...returned.map((id) => `${kind} ${id}`))),
    observer: createObserver("recovery", { write: (line) => void lines.push(line) }),
  });
  const metrics = () =>
    lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => "_aws" in line);
  return { receive, sent, armed, started, soon, box, log, metrics };
}

describe("the recovery function", () => {
  it("turns a due deadline into an input, and arms a later one again", async () => {
    const { receive, sent, armed, log } = make();
    // Whether it finds something to do can only be told of a log that can be read.
    await log.append(key, { first: 1, last: 1, text: "?", snapshot: false });
    const event = batch(
      record("spine-deadlines", "m1", { ...key, at: 1_000 }),
      record("spine-deadlines", "m2", { ...key, at: 1_001 }),
    );
    expect(await receive(event, context)).toEqual(failures());
    expect(sent).toEqual([{ kind: "deadline", at: 1_000 }]);
    expect(armed).toEqual([1_001]);
  });

  it("keeps letters, notifies sessions and counts the letters that an operator must check", async () => {
    const { receive, sent, started, box, log, metrics } = make();
    await log.append(parseSessionKey({ tenant: "acme", session: "damaged" }), {
      first: 1,
      last: 1,
      text: "?",
      snapshot: false,
    });
    const event = batch(
      record("spine-deadlines-dead", "m1", { ...key, at: 5 }),
      record("spine-intake-dead", "m2", "nobody's"),
      record("spine-inbox-dead.fifo", "m3", { tenant: "acme", session: "damaged", input: "?" }),
    );
    expect(await receive(event, context)).toEqual(failures());
    expect(sent).toMatchObject([{ kind: "letter", id: "m1" }]);
    expect(started).toEqual(["letters-0"]);
    expect(await box.list("letters/", 10)).toHaveLength(5);
    expect(metrics()).toMatchObject([
      { service: "spine-recovery", Letters: 3, Troubles: 2 },
      { spine: "spine", LostLetters: 1, ParkedLetters: 1 },
    ]);
  });

  it("counts dead letters per agent, over both its lanes", async () => {
    const { receive, metrics } = make();
    const task = { ...key, task: "t-1", attempt: 1, token: "x" };
    await receive(
      batch(
        record("spine-agent-greeter-dead.fifo", "m1", task),
        record("spine-agent-greeter-express-dead.fifo", "m2", task),
        record("spine-agent-slow-reader-dead.fifo", "m3", task),
      ),
      context,
    );
    expect(metrics().filter((line) => "agent" in line)).toMatchObject([
      { spine: "spine", agent: "greeter", AgentLetters: 2 },
      { spine: "spine", agent: "slow-reader", AgentLetters: 1 },
    ]);
  });

  it("keeps with an event of spine-in the reason why it was rejected or undelivered, and trusts no other queue's letters", async () => {
    const { receive, box } = make();
    const messageAttributes = {
      cause: { dataType: "String", stringValue: "session.stopped: It was stopped." },
    };
    const ofRule = {
      RULE_ARN: { dataType: "String", stringValue: "arn:aws:events:::rule/spine-in/every" },
      ERROR_CODE: { dataType: "String", stringValue: "NO_PERMISSIONS" },
      ERROR_MESSAGE: { dataType: "String", stringValue: "The queue's policy does not let it." },
    };
    const event = batch(
      { ...record("spine-intake-dead", "m0", "an event"), messageAttributes: ofRule },
      { ...record("spine-intake-dead", "m1", "an event"), messageAttributes },
      { ...record("spine-answers-dead.fifo", "m2", "a forged answer"), messageAttributes },
    );
    await receive(event, context);
    const notes = (await box.list("letters/", 10)).filter((name) => name.endsWith("/lost"));
    const causes = await Promise.all(
      notes.map(async (name) => JSON.parse((await box.get(name)) ?? "") as object),
    );
    expect(causes).toMatchObject([
      { cause: "EventBridge could not deliver it: NO_PERMISSIONS: The queue's policy does not let it." },
      { cause: "session.stopped: It was stopped." },
      { cause: "It names no session." },
    ]);
  });

  it("returns a message that it cannot process, for a soon redelivery, and processes the others", async () => {
    const { receive, armed, soon } = make();
    const event = batch(
      record("spine-deadlines", "m1", "not JSON"),
      record("spine-deadlines", "m2", { ...key, at: 1_001 }),
    );
    expect(await receive(event, context)).toEqual(failures("m1"));
    expect(armed).toEqual([1_001]);
    expect(soon).toEqual(["deadlines m1"]);
  });

  it("accepts only records: an operator's request is not a record", async () => {
    const { receive, sent } = make();
    const asked = { operate: { op: "list", day: "1970-01-01" } } as unknown as SQSEvent;
    await expect(receive(asked, context)).rejects.toThrow();
    expect(sent).toEqual([]);
  });

  it("trusts no letter that its queue did not send: it keeps none and notifies no session", async () => {
    const { receive, sent, started, box } = make();
    const answered = {
      kind: "human",
      source: "arn:role",
      id: "1",
      hash: "h",
      correlation: "1",
      ask: "a",
      value: true,
    };
    const forged = [
      "spine-inbox-dead.fifo",
      "spine-intake-dead",
      "spine-agent-writer-dead.fifo",
      "spine-deadlines-dead",
    ].map((queue, at) => ({
      ...record(queue, `f${at}`, { ...key, input: answered, at: 5 }),
      receiptHandle: "made up",
    }));
    const own = record("spine-deadlines-dead", "m1", { ...key, at: 5 });
    expect(await receive(batch(...forged, own), context)).toEqual(failures("f0", "f1", "f2", "f3"));
    expect(sent).toMatchObject([{ kind: "letter", id: "m1" }]);
    expect(started).toHaveLength(1);
    expect((await box.list("letters/", 10)).every((name) => name.includes("m1"))).toBe(true);
  });
});
