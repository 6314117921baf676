import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { beforeEach, describe, expect, it } from "vitest";
import { gatherSends } from "#aws/sqs/gathered-sends.ts";
import { createSqsAnswerQueue } from "#aws/sqs/sqs-answer-queue.ts";
import { createSqsDeadlines } from "#aws/sqs/sqs-deadlines.ts";
import { createSqsDispatch } from "#aws/sqs/sqs-dispatch.ts";
import { createSqsInbox } from "#aws/sqs/sqs-inbox.ts";
import { batchesOf, sendMessages } from "#aws/sqs/sqs-send.ts";
import { createSqsSubscriptions } from "#aws/sqs/sqs-subscriptions.ts";
import { withTrace } from "#aws/observe/trace.ts";
import { parseSessionKey, parseTenantId } from "#core/ids.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { createVersionedTokens } from "#node/versioned-tokens.ts";
import { awsError, inputsOf, mockedClient } from "./aws-mock.ts";
import { advance, task, TRACEPARENT } from "./samples.ts";

const sqs = mockedClient(SQSClient);
const digest = createNodeDigest();
const queues = { client: new SQSClient({}), queuePrefix: "https://sqs/1/spine-", digest };
const key = parseSessionKey({ tenant: "acme", session: "s-1" });
const session = digest.sha256("acme/s-1");

beforeEach(() => {
  sqs.reset();
  sqs.on(SendMessageBatchCommand).resolves({});
});

describe("sending", () => {
  const message = (body: string, queueUrl = "https://sqs/1/spine-a") => ({ queueUrl, body });

  it("packs at most ten messages and 1 MiB into a request, in order", () => {
    const sizes = (bodies: readonly string[]) =>
      batchesOf(bodies.map((body) => message(body))).map((batch) => batch.map(({ body }) => body.length));
    expect(sizes(Array<string>(23).fill("x")).map((batch) => batch.length)).toEqual([10, 10, 3]);
    const [half, rest] = ["x".repeat(524_288), "y".repeat(524_288)];
    expect(sizes([half, rest, "z"])).toEqual([[524_288, 524_288], [1]]);
    expect(sizes([half, `${rest}y`])).toEqual([[524_288], [524_289]]);
  });

  it("adds the reason to a dead letter", async () => {
    await sendMessages(queues.client, [{ ...message("a"), cause: "session.stopped: It was." }]);
    expect(inputsOf(sqs)).toEqual([
      {
        QueueUrl: "https://sqs/1/spine-a",
        Entries: [
          {
            Id: "0",
            MessageBody: "a",
            MessageAttributes: {
              cause: { DataType: "String", StringValue: "session.stopped: It was." },
            },
          },
        ],
      },
    ]);
  });

  it("counts bytes and attributes, not characters", () => {
    const bytes = 1_048_576;
    const trace = "traceparent".length + "String".length + TRACEPARENT.length;
    const body = "€".repeat((bytes - trace - 2) / 3 - 1);
    const one = { ...message(body), traceparent: TRACEPARENT };
    expect(batchesOf([one, message("12345")])).toHaveLength(1);
    expect(batchesOf([one, message("123456789")])).toHaveLength(2);
  });

  it("sends a rejected entry once more, and only that one", async () => {
    sqs
      .on(SendMessageBatchCommand)
      .resolvesOnce({
        Failed: [{ Id: "1", Code: "InternalError", SenderFault: false }],
        Successful: [],
      })
      .resolves({});
    await sendMessages(queues.client, [message("a"), message("b")]);
    expect(inputsOf(sqs)).toEqual([
      {
        QueueUrl: "https://sqs/1/spine-a",
        Entries: [
          { Id: "0", MessageBody: "a" },
          { Id: "1", MessageBody: "b" },
        ],
      },
      { QueueUrl: "https://sqs/1/spine-a", Entries: [{ Id: "0", MessageBody: "b" }] },
    ]);
  });

  it("reports entries that failed twice, after all others were tried", async () => {
    const refused = [{ Id: "0", Code: "Throttled", SenderFault: false }];
    sqs
      .on(SendMessageBatchCommand, { QueueUrl: "https://sqs/1/spine-a" })
      .resolves({ Failed: refused, Successful: [] });
    const sending = sendMessages(queues.client, [message("a"), message("b", "https://sqs/1/spine-b")]);
    await expect(sending).rejects.toMatchObject({
      code: "queue.rejected",
      retryable: true,
      details: { failed: 1 },
    });
    expect(inputsOf(sqs)).toContainEqual({
      QueueUrl: "https://sqs/1/spine-b",
      Entries: [{ Id: "0", MessageBody: "b" }],
    });
  });

  it("does not resend an entry after a sender fault", async () => {
    const refused = [{ Id: "0", Code: "InvalidMessageContents", SenderFault: true }];
    sqs.on(SendMessageBatchCommand).resolves({ Failed: refused, Successful: [] });
    await expect(sendMessages(queues.client, [message("a")])).rejects.toMatchObject({ retryable: false });
    expect(inputsOf(sqs)).toHaveLength(1);
  });

  it("retries a batch whose request failed once", async () => {
    sqs.on(SendMessageBatchCommand).rejectsOnce(awsError("TimeoutError")).resolves({});
    await sendMessages(queues.client, [message("a")]);
    expect(inputsOf(sqs)).toHaveLength(2);
  });

  it("sends nothing when there is nothing", async () => {
    await sendMessages(queues.client, []);
    expect(inputsOf(sqs)).toEqual([]);
  });
});

describe("concurrent sends", () => {
  const message = (body: string, queueUrl = "https://sqs/1/spine-a") => ({ queueUrl, body });
  const bodies = () =>
    (inputsOf(sqs) as readonly { readonly Entries: readonly { readonly MessageBody: string }[] }[]).map(
      ({ Entries }) => Entries.map(({ MessageBody }) => MessageBody),
    );

  it("share requests of ten per queue", async () => {
    const send = gatherSends(queues.client);
    await Promise.all(Array.from({ length: 12 }, (_, at) => send([message(String(at))])));
    expect(bodies().map((request) => request.length)).toEqual([10, 2]);
    await send([message("alone")]);
    await send([]);
    expect(bodies().slice(2)).toEqual([["alone"]]);
  });

  it("get only their own failures", async () => {
    sqs.on(SendMessageBatchCommand).resolves({
      Failed: [{ Id: "1", Code: "InvalidMessageContents", SenderFault: true }],
      Successful: [],
    });
    const send = gatherSends(queues.client);
    const outcomes = await Promise.allSettled(["a", "b", "c"].map((body) => send([message(body)])));
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(outcomes[1]).toMatchObject({ reason: { code: "queue.rejected", retryable: false } });
  });

  it("run concurrently per queue, unless two of them share a message group", async () => {
    let running = 0;
    let most = 0;
    sqs.on(SendMessageBatchCommand).callsFake(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return {};
    });
    const sendMany = (groupOf: (at: number) => string) =>
      sendMessages(
        queues.client,
        Array.from({ length: 25 }, (_, at) => ({ ...message(String(at)), groupId: groupOf(at) })),
      );
    await sendMany((at) => `group ${at}`);
    expect(most).toBe(3);
    most = 0;
    await sendMany((at) => `group ${at % 20}`);
    expect(most).toBe(1);
  });
});

describe("the ports over SQS", () => {
  it("dispatch by agent and lane, with the attempt as group and deduplication id", async () => {
    const [normal, express] = [task({ attempt: 1 }), task({ attempt: 2, lane: "express" })];
    await createSqsDispatch(queues).send([normal, express]);
    const entry = (message: typeof normal) => {
      const attempt = digest.sha256(`acme/s-1/${message.task}/${message.attempt}`);
      return {
        Id: "0",
        MessageBody: JSON.stringify(message),
        MessageGroupId: attempt,
        MessageDeduplicationId: attempt,
        MessageAttributes: { traceparent: { DataType: "String", StringValue: TRACEPARENT } },
      };
    };
    expect(inputsOf(sqs)).toEqual([
      { QueueUrl: "https://sqs/1/spine-agent-greeter.fifo", Entries: [entry(normal)] },
      { QueueUrl: "https://sqs/1/spine-agent-greeter-express.fifo", Entries: [entry(express)] },
    ]);
  });

  it("dispatch in one of so many groups of the tenant where its tasks in flight are bounded, deduplicated as ever", async () => {
    await createSqsDispatch({ ...queues, tenantInFlight: 1 }).send([
      task({ attempt: 1 }),
      task({ attempt: 2 }),
    ]);
    const sent = inputsOf(sqs) as readonly { readonly Entries: readonly Record<string, unknown>[] }[];
    const entries = sent.flatMap(({ Entries }) => Entries);
    expect(entries.map(({ MessageGroupId }) => MessageGroupId)).toEqual([
      `${digest.sha256("acme")}-0`,
      `${digest.sha256("acme")}-0`,
    ]);
    expect(entries.map(({ MessageDeduplicationId }) => MessageDeduplicationId)).toEqual(
      [1, 2].map((attempt) => digest.sha256(`acme/s-1/${task({}).task}/${attempt}`)),
    );
  });

  it("send an input to the inbox in its session's group, deduplicated by its identity", async () => {
    let made = 0;
    const inbox = createSqsInbox({ ...queues, ids: { next: () => `id-${(made += 1)}` } });
    const letter = {
      kind: "letter" as const,
      source: "dead-letters/q",
      id: "m-1",
      hash: "h",
      correlation: "c",
      queue: "q",
      reason: "received too often",
    };
    await inbox.send({ key, input: letter });
    await inbox.send({ key, input: letter });
    await inbox.send({ key, input: { kind: "deadline", at: 5 } });
    await inbox.send({ key, input: { kind: "deadline", at: 5 } });
    const sent = inputsOf(sqs) as readonly {
      readonly Entries: readonly { readonly MessageDeduplicationId: string }[];
    }[];
    const body = JSON.stringify({ tenant: "acme", session: "s-1", input: letter });
    expect(sent[0]).toEqual({
      QueueUrl: "https://sqs/1/spine-inbox.fifo",
      Entries: [
        {
          Id: "0",
          MessageBody: body,
          MessageGroupId: session,
          MessageDeduplicationId: digest.sha256(`["dead-letters/q","m-1"]\n${body}`),
        },
      ],
    });
    const ids = sent.map(({ Entries: [entry] }) => entry?.MessageDeduplicationId);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[3]).not.toBe(ids[2]);
  });

  it("reveal no input of a tenant with personal values in a deduplication id, and still drop its second message", async () => {
    const secrets = { id: "v".repeat(32), secret: "s".repeat(64) };
    const keyedBy = (secret: string) =>
      createVersionedTokens(
        {
          current: () => Promise.resolve({ ...secrets, secret }),
          previous: () => Promise.resolve(undefined),
          version: () => Promise.resolve(undefined),
        },
        { now: () => 0 },
      );
    const input = {
      kind: "event" as const,
      source: "1/com.shop",
      id: "ada@example.invalid",
      hash: "h",
      correlation: "ada@example.invalid",
      type: "Asked",
      data: { pin: 4711 },
    };
    const idsOf = async (secret: string, tenant = "acme") => {
      sqs.resetHistory();
      const digests = keyedBy(secret);
      const keyed = (of: string) => (of === "acme" ? digests : undefined);
      const inbox = createSqsInbox({ ...queues, ids: { next: () => "unused" }, keyed });
      const other = { ...key, tenant: parseTenantId(tenant) };
      await inbox.send({ key: other, input }, { key: other, input });
      const [request] = inputsOf(sqs) as readonly {
        readonly Entries: readonly {
          readonly MessageDeduplicationId: string;
          readonly MessageBody: string;
        }[];
      }[];
      const [one, again] = request?.Entries ?? [];
      expect(again?.MessageDeduplicationId).toBe(one?.MessageDeduplicationId);
      const { source, id } = input;
      const plain = digest.sha256(`${JSON.stringify([source, id])}\n${one?.MessageBody}`);
      return { id: one?.MessageDeduplicationId, plain };
    };
    const [known, rotated, plain] = [
      await idsOf("a".repeat(64)),
      await idsOf("b".repeat(64)),
      await idsOf("a".repeat(64), "other"),
    ];
    expect(known.id).toMatch(/^[\w-]{43}$/);
    expect(known.id).not.toBe(known.plain);
    // With a new version of the secret a second message comes through, and its session knows the input.
    expect(rotated.id).not.toBe(known.id);
    expect(plain.id).toBe(plain.plain);
  });

  it("send several inputs in one request, in order, whatever envelopes they had, and a redriven one with a new id", async () => {
    const inbox = createSqsInbox({ ...queues, ids: { next: () => "unused" } });
    const input = {
      kind: "event" as const,
      source: "1/com.shop",
      id: "e-1",
      hash: "h",
      correlation: "c",
      type: "Asked",
      data: {},
    };
    await inbox.send(
      { key, input, envelope: { id: "first" } },
      { key, input: { ...input, data: { n: 1 } } },
      { key, input, envelope: { id: "second" } },
      { key, input, envelope: { id: "first" }, redrive: "r-1" },
      { key, input: { ...input, traceparent: TRACEPARENT } },
    );
    const [request, ...more] = inputsOf(sqs) as readonly {
      readonly Entries: readonly { readonly MessageDeduplicationId: string; readonly MessageBody: string }[];
    }[];
    expect(more).toEqual([]);
    const [one, other, again, redriven, traced] = request?.Entries ?? [];
    expect(again?.MessageDeduplicationId).toBe(one?.MessageDeduplicationId);
    expect(traced?.MessageDeduplicationId).toBe(one?.MessageDeduplicationId);
    // The same id with another body is a conflict, which its session must see.
    expect(other?.MessageDeduplicationId).not.toBe(one?.MessageDeduplicationId);
    expect(redriven?.MessageDeduplicationId).not.toBe(one?.MessageDeduplicationId);
    expect(JSON.parse(one?.MessageBody ?? "")).toEqual({ ...key, input, envelope: { id: "first" } });
  });

  it("send an answer in its session's group with the trace of its task", async () => {
    const answer = {
      ...key,
      task: task({}).task,
      attempt: 1,
      token: "t",
      outcome: { status: "ok" as const, result: 1 },
    };
    await withTrace({ traceparent: TRACEPARENT }, () => createSqsAnswerQueue(queues).send(answer));
    expect(inputsOf(sqs)).toEqual([
      {
        QueueUrl: "https://sqs/1/spine-answers.fifo",
        Entries: [
          {
            Id: "0",
            MessageBody: JSON.stringify(answer),
            MessageGroupId: session,
            MessageDeduplicationId: digest.sha256(JSON.stringify(answer)),
            MessageAttributes: { traceparent: { DataType: "String", StringValue: TRACEPARENT } },
          },
        ],
      },
    ]);
  });

  it.each([
    ["rounds a deadline up to whole seconds", 1_001, 2],
    ["sends one that has passed at once", -5_000, 0],
    ["keeps to the longest delay", 3_600_000, 900],
  ])("%s", async (_, ahead, seconds) => {
    const now = 1_000_000;
    await createSqsDeadlines({ ...queues, clock: { now: () => now } }).arm(key, now + ahead);
    expect(inputsOf(sqs)).toEqual([
      {
        QueueUrl: "https://sqs/1/spine-deadlines",
        Entries: [
          {
            Id: "0",
            MessageBody: JSON.stringify({ tenant: "acme", session: "s-1", at: now + ahead }),
            DelaySeconds: seconds,
          },
        ],
      },
    ]);
  });

  it("deliver a commit to each ordered subscription, in its session's group", async () => {
    const { names, deliver } = createSqsSubscriptions({ ...queues, names: ["crm", "audit"] });
    for (const name of names) await deliver(name, advance());
    const entry = {
      Id: "0",
      MessageBody: JSON.stringify({ ...advance(), traceparent: TRACEPARENT }),
      MessageGroupId: session,
      MessageDeduplicationId: digest.sha256("acme/s-1/4"),
    };
    expect(inputsOf(sqs)).toEqual([
      { QueueUrl: "https://sqs/1/spine-sub-crm.fifo", Entries: [entry] },
      { QueueUrl: "https://sqs/1/spine-sub-audit.fifo", Entries: [entry] },
    ]);
  });
});
