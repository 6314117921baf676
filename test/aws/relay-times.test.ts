import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BUS, QUICK } from "#aws/clients.ts";
import { createDynamoDeliveryProgress } from "#aws/dynamo-delivery-progress.ts";
import { createEventBridgePublish } from "#aws/eventbridge-publish.ts";
import { gatherSends } from "#aws/gathered-sends.ts";
import { createSqsDeadlines } from "#aws/sqs-deadlines.ts";
import { createSqsDispatch } from "#aws/sqs-dispatch.ts";
import { createSqsSubscriptions } from "#aws/sqs-subscriptions.ts";
import { createSystemClock } from "#node/system-clock.ts";
import { createRelay } from "#runtime/relay/create-relay.ts";
import { createBench, digest, eventInput, sessionKey, START, tell } from "../unit/runtime/engine.ts";
import { createModelledAws, useVirtualClock, type Latencies, type ModelledCall } from "./modelled-aws.ts";

const RECORDS = 100;
/** How long the services take to answer, in ms; the relay is measured with these. */
const USUAL: Latencies = { sqs: 8, bus: 20, dynamo: 5 };

beforeEach(() => useVirtualClock(START));
afterEach(() => void vi.useRealTimers());

/** A batch of a session's first commits, each with a dispatch and a deadline, relayed by the deployed adapters. */
async function relayed(latencies: Latencies, subscriptions: readonly string[] = [], endsAt?: number) {
  const bench = createBench();
  for (let at = 0; at < RECORDS; at += 1) await tell(bench, [eventInput("1")], sessionKey(`s-${at}`));
  const aws = createModelledAws(latencies);
  const clock = createSystemClock();
  const client = new SQSClient(aws.client("sqs", QUICK));
  const queuePrefix = "https://sqs.eu-west-1.amazonaws.com/1/spine-";
  const queues = { client, queuePrefix, digest, send: gatherSends(client) };
  const relay = createRelay(
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
          progress: createDynamoDeliveryProgress(
            new DynamoDBClient(aws.client("dynamo", QUICK)),
            "spine-log",
          ),
        },
      }),
    },
  );
  const { value: left, ms } = await aws.run(() => relay(bench.records, endsAt));
  return { left, ms, calls: aws.calls };
}

/** Requests and entries to a queue, and when the last of them was answered. */
function to(calls: readonly ModelledCall[], queue: string) {
  const own = calls
    .map((call) => ({ ...call, ...readBody(call.body) }))
    .filter(({ url }) => url.endsWith(queue));
  return {
    requests: own.length,
    entries: own.reduce((sum, { entries }) => sum + entries, 0),
    doneAfter: Math.max(...own.map(({ answeredAt = Infinity }) => answeredAt)) - START,
  };
}

function readBody(body: string): { readonly url: string; readonly entries: number } {
  const { QueueUrl = "", Entries = [] } = JSON.parse(body) as {
    readonly QueueUrl?: string;
    readonly Entries?: readonly unknown[];
  };
  return { url: QueueUrl, entries: Entries.length };
}

describe("a batch of 100 commits of 100 sessions", () => {
  it("is relayed within half a second, in requests of ten", async () => {
    const { left, ms, calls } = await relayed(USUAL);
    expect(left).toEqual([]);
    expect(ms).toBeLessThanOrEqual(500);
    expect(to(calls, "agent-writer.fifo")).toMatchObject({ requests: 10, entries: RECORDS });
    expect(to(calls, "deadlines")).toMatchObject({ requests: 10, entries: RECORDS });
    expect(calls.filter(({ operation }) => operation === "PutEvents")).toHaveLength(10);
  });

  it("is relayed within half a second to two ordered subscriptions as well", async () => {
    const { left, ms, calls } = await relayed(USUAL, ["crm", "audit"]);
    expect(left).toEqual([]);
    expect(ms).toBeLessThanOrEqual(500);
    expect(to(calls, "sub-crm.fifo")).toMatchObject({ requests: 10, entries: RECORDS });
  });

  it("has every deadline armed within a second though the bus is silent, and asks it once", async () => {
    const { left, ms, calls } = await relayed({ ...USUAL, bus: "silent" }, ["crm"]);
    expect(to(calls, "deadlines").doneAfter).toBeLessThanOrEqual(1_000);
    expect(calls.filter(({ operation }) => operation === "PutEvents")).toHaveLength(1);
    expect(left.map((work) => work.left)).toEqual(Array.from({ length: RECORDS }, () => ["bus"]));
    // The next batch of the shard waits for this one.
    expect(ms).toBeLessThanOrEqual(1_000);
  });

  it("ends in its time where SQS is silent, with all that is left", async () => {
    const { left, ms } = await relayed({ ...USUAL, sqs: "silent" }, [], START + 4_000);
    expect(ms).toBe(4_000);
    expect(left).toHaveLength(RECORDS);
  });
});
