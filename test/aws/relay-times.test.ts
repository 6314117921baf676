import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { DynamoDBRecord } from "aws-lambda";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { BUS, QUICK } from "#aws/clients.ts";
import { CommitCodec } from "#aws/names.ts";
import { createDynamoDeliveryProgress } from "#aws/dynamo/dynamo-delivery-progress.ts";
import { createEventBridgePublish } from "#aws/eventbridge/eventbridge-publish.ts";
import { gatherSends } from "#aws/sqs/gathered-sends.ts";
import { commitItem } from "#aws/dynamo/log-items.ts";
import { createObserver } from "#aws/observe/observe.ts";
import { createSqsDeadlines } from "#aws/sqs/sqs-deadlines.ts";
import { createSqsDispatch } from "#aws/sqs/sqs-dispatch.ts";
import { createSqsSubscriptions } from "#aws/sqs/sqs-subscriptions.ts";
import { createSqsRelayRetries } from "#aws/sqs/sqs-relay-retries.ts";
import { createRelayReceiver } from "#functions/relay/relay-records.ts";
import { createSystemClock } from "#node/system-clock.ts";
import type { CommitRef } from "#ports/queues.ts";
import { createRelay } from "#runtime/relay/create-relay.ts";
import {
  createBench,
  digest,
  eventInput,
  sessionKey,
  START,
  tell,
  type Bench,
} from "../unit/runtime/engine.ts";
import { noting } from "../unit/runtime/relay/bench.ts";
import { createModelledAws, useVirtualClock, type Latencies, type ModelledCall } from "./modelled-aws.ts";

const RECORDS = 100;
/** How long the services take to answer, in ms; the relay is measured with these. */
const USUAL: Latencies = { sqs: 8, bus: 20, dynamo: 5 };
/** Of the deployed function. */
const TIMEOUT_MS = 30_000;

// A client loads parts of itself with its first request, on a clock that nobody moves.
beforeAll(async () => {
  const aws = createModelledAws({});
  const QueueUrl = "https://sqs.eu-west-1.amazonaws.com/1/spine-any";
  const Entries = [{ Id: "0", MessageBody: "{}" }];
  await new SQSClient(aws.client("sqs", QUICK)).send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  await new EventBridgeClient(aws.client("bus", BUS)).send(new PutEventsCommand({ Entries: [{}] }));
  const UpdateExpression = "SET at = :at";
  await new DynamoDBClient(aws.client("dynamo", QUICK)).send(
    new UpdateItemCommand({ TableName: "spine-log", Key: {}, UpdateExpression }),
  );
});
beforeEach(() => useVirtualClock(START));
afterEach(() => void vi.useRealTimers());

/** The first commits of so many sessions, each with a dispatch and a deadline. */
async function firstCommits(): Promise<Bench> {
  const bench = createBench();
  for (let at = 0; at < RECORDS; at += 1) await tell(bench, [eventInput("1")], sessionKey(`s-${at}`));
  return bench;
}

/** A session with so many commits. */
async function longSession(commits: number): Promise<Bench> {
  const bench = createBench({ flows: [noting] });
  for (let at = 1; at <= commits; at += 1) await tell(bench, [eventInput(String(at), { text: "x" })]);
  return bench;
}

interface Given {
  readonly latencies?: Latencies;
  readonly subscriptions?: readonly string[];
  /** What is left of the function's time when it begins, ms. @default all of it */
  readonly remainingMs?: number;
  /** Which of the bench's commits the batch has. @default all */
  readonly records?: Bench["records"];
}

/** Hands a batch of the stream to the relay's function, on the deployed adapters and a modelled AWS. */
async function relayed(bench: Bench, given: Given = {}) {
  const { latencies = USUAL, subscriptions = [], remainingMs = TIMEOUT_MS, records = bench.records } = given;
  const aws = createModelledAws(latencies);
  const clock = createSystemClock();
  const client = new SQSClient(aws.client("sqs", QUICK));
  const queuePrefix = "https://sqs.eu-west-1.amazonaws.com/1/spine-";
  const queues = { client, queuePrefix, digest, send: gatherSends(client) };
  const observer = createObserver("relay", { write: () => undefined });
  const dynamo = new DynamoDBClient(aws.client("dynamo", QUICK));
  const receive = createRelayReceiver({
    relay: createRelay(
      { ...bench.engine, clock, dispatch: createSqsDispatch(queues) },
      {
        deadlines: createSqsDeadlines({ ...queues, clock }),
        publish: createEventBridgePublish({
          client: new EventBridgeClient(aws.client("bus", BUS)),
          bus: "spine-out",
        }),
        ...(subscriptions.length > 0 && {
          ordered: {
            log: bench.log,
            subscriptions: createSqsSubscriptions({ ...queues, names: subscriptions }),
            progress: createDynamoDeliveryProgress(dynamo, "spine-log"),
          },
        }),
      },
    ),
    log: bench.log,
    retries: createSqsRelayRetries({ client, queuePrefix, onTrouble: observer.onTrouble }),
    returnSoon: () => Promise.resolve(),
    clock,
    observer,
  });
  const endsAt = clock.now() + remainingMs;
  const context = { awsRequestId: "r", getRemainingTimeInMillis: () => endsAt - clock.now() };
  const Records = records.map(({ commit, ...key }, at) => ({
    eventName: "INSERT",
    dynamodb: { SequenceNumber: String(at), NewImage: commitItem(key, commit, CommitCodec.plain) },
  })) as unknown as DynamoDBRecord[];
  const { value, ms } = await aws.run(() => receive({ Records }, context));
  const { calls } = aws;
  const later = sentTo(calls, "relay-retries").bodies.map((body) => JSON.parse(body) as CommitRef);
  return { reported: value.batchItemFailures, later, ms, calls };
}

/** Requests and messages to a queue, and when the last of them was answered. */
function sentTo(calls: readonly ModelledCall[], queue: string) {
  const own = calls.filter(({ body }) => readBody(body).QueueUrl?.endsWith(queue));
  return {
    requests: own.length,
    bodies: own.flatMap(({ body }) => readBody(body).Entries?.map(({ MessageBody }) => MessageBody) ?? []),
    doneAfter: Math.max(...own.map(({ answeredAt = Infinity }) => answeredAt)) - START,
  };
}

const readBody = (body: string) =>
  JSON.parse(body) as {
    readonly QueueUrl?: string;
    readonly Entries?: readonly { readonly MessageBody: string }[];
  };
const putEvents = (calls: readonly ModelledCall[]) =>
  calls.filter(({ operation }) => operation === "PutEvents").length;

describe("a batch of 100 commits of 100 sessions", () => {
  it("is relayed within half a second, in requests of ten", async () => {
    const { reported, later, ms, calls } = await relayed(await firstCommits());
    expect([reported, later]).toEqual([[], []]);
    expect(ms).toBeLessThanOrEqual(500);
    for (const queue of ["agent-writer.fifo", "deadlines"]) {
      const { requests, bodies } = sentTo(calls, queue);
      expect([requests, bodies.length]).toEqual([10, RECORDS]);
    }
    expect(putEvents(calls)).toBe(10);
  });

  it("is relayed within half a second to two ordered subscriptions as well", async () => {
    const { later, ms, calls } = await relayed(await firstCommits(), { subscriptions: ["crm", "audit"] });
    expect(later).toEqual([]);
    expect(ms).toBeLessThanOrEqual(500);
    const { requests, bodies } = sentTo(calls, "sub-crm.fifo");
    expect([requests, bodies.length]).toEqual([10, RECORDS]);
  });

  it("has every deadline armed within a second even if the bus hangs, asks it once, and sends the rest to the retry queue", async () => {
    const latencies = { ...USUAL, bus: "silent" } as const;
    const { reported, later, ms, calls } = await relayed(await firstCommits(), {
      latencies,
      subscriptions: ["crm"],
    });
    const { bodies, doneAfter } = sentTo(calls, "deadlines");
    expect(bodies).toHaveLength(RECORDS);
    expect(doneAfter).toBeLessThanOrEqual(1_000);
    expect(putEvents(calls)).toBe(1);
    expect(later).toHaveLength(RECORDS);
    expect(new Set(later.map(({ left }) => left?.join()))).toEqual(new Set(["bus"]));
    expect(reported).toEqual([]);
    // The next batch of the shard waits for this one.
    expect(ms).toBeLessThanOrEqual(1_000);
  });

  it("publishes as much as its time allows, and sends the rest to the retry queue", async () => {
    // All but 50 ms of it are kept for the retry queue.
    const { reported, later, ms, calls } = await relayed(await firstCommits(), { remainingMs: 8_050 });
    expect(sentTo(calls, "deadlines").bodies).toHaveLength(RECORDS);
    const published = putEvents(calls) * 10;
    expect(published).toBeGreaterThan(0);
    expect(later.length).toBeGreaterThanOrEqual(RECORDS - published);
    expect(later.length).toBeLessThan(RECORDS);
    expect(new Set(later.map(({ left }) => left?.join()))).toEqual(new Set(["bus"]));
    expect(reported).toEqual([]);
    expect(ms).toBeLessThanOrEqual(8_050);
  });

  it("is reported commit by commit when SQS hangs, because nothing else can keep the rest", async () => {
    const latencies = { ...USUAL, sqs: "silent" } as const;
    const { reported, ms } = await relayed(await firstCommits(), { latencies });
    expect(reported).toHaveLength(RECORDS);
    expect(ms).toBeLessThanOrEqual(TIMEOUT_MS);
  });
});

describe("a long session that a new subscription has not received", () => {
  const COMMITS = 600;

  it("blocks the stream for two seconds, and continues from the retry queue", async () => {
    const bench = await longSession(COMMITS);
    const newest = bench.records.slice(-1);
    const { later, ms, calls } = await relayed(bench, { subscriptions: ["crm"], records: newest });
    expect(ms).toBeLessThanOrEqual(2_100);
    expect(later.map(({ left }) => left)).toEqual([["subscriptions"]]);
    const sent = sentTo(calls, "sub-crm.fifo").bodies.length;
    const kept = calls.filter(({ operation }) => operation === "UpdateItem");
    expect(sent).toBeGreaterThan(100);
    expect(kept.length).toBeGreaterThanOrEqual(Math.floor(sent / 16));
  });
});
