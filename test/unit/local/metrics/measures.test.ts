import { describe, expect, it } from "vitest";
import { InvocationFault, type LocalFaults } from "#local/faults/local-faults.ts";
import type { LocalRequest } from "#local/http/loopback-server.ts";
import type { Invocation, LocalFunction } from "#local/lambda/lambda-function.ts";
import { recordEmbedded } from "#local/metrics/embedded-metrics.ts";
import { measureDynamo } from "#local/metrics/measure-dynamodb.ts";
import { measureFunction } from "#local/metrics/measure-function.ts";
import { metricText, type MetricKey } from "#local/metrics/metric-key.ts";
import type { Recorder } from "#local/metrics/metric-store.ts";

const NOW = 1_000_000;
const clock = { now: () => NOW };

function recording(): { readonly recorder: Recorder; readonly seen: string[] } {
  const seen: string[] = [];
  return {
    seen,
    recorder: { record: (key, value) => void seen.push(`${metricText(key)} ${value}`) },
  };
}

describe("invocations", () => {
  const measured = async (outcome: Invocation, event: object = {}, faults: LocalFaults = {}) => {
    const { recorder, seen } = recording();
    // Only these are called.
    const inner = {
      config: { name: "f" },
      invoke: () => Promise.resolve(outcome),
    } as unknown as LocalFunction;
    await measureFunction(inner, { recorder, clock, faults }).invoke(event);
    return seen
      .filter((line) => !/Duration|Concurrent/.test(line))
      .map((line) => line.replace("AWS/Lambda ", "").replace(" {FunctionName=f}", ""));
  };
  const ok: Invocation = { type: "ok", payload: "null" };

  it("record zeros for errors and throttles too", async () => {
    expect(await measured(ok)).toEqual(["Throttles 0", "Invocations 1", "Errors 0"]);
  });

  it("that are throttled are not counted as invocations", async () => {
    const faults = { invocation: () => InvocationFault.throttled };
    expect(await measured(ok, {}, faults)).toEqual(["Throttles 1"]);
  });

  it("whose environment crashes are errors", async () => {
    expect(await measured(ok, {}, { invocation: () => InvocationFault.died })).toContain("Errors 1");
  });

  it("of a stream's batch record the age of its last record, in whole seconds", async () => {
    const record = (second: number) => ({ dynamodb: { ApproximateCreationDateTime: second } });
    expect(await measured(ok, { Records: [record(900), record(940)] })).toContain("IteratorAge 60000");
    expect(await measured(ok, { Records: [{ body: "a message" }] })).toHaveLength(3);
  });
});

describe("requests of a table", () => {
  const asked = async (operation: string, input: object, status: number, answer: object) => {
    const { recorder, seen } = recording();
    const request = {
      headers: { "x-amz-target": `DynamoDB_20120810.${operation}` },
      body: Buffer.from(JSON.stringify(input)),
    } as unknown as LocalRequest; // only these are read
    const handle = () => Promise.resolve({ status, body: JSON.stringify(answer) });
    await measureDynamo(recorder, clock)(request, handle);
    return seen.map((line) => line.replace("AWS/DynamoDB ", ""));
  };
  const refusal = { __type: "com.amazonaws.dynamodb.v20120810#ThrottlingException" };

  it("that are throttled count for their table, and by operation", async () => {
    expect(await asked("Query", { TableName: "t" }, 400, refusal)).toEqual([
      "ReadThrottleEvents {TableName=t} 1",
      "ThrottledRequests {TableName=t, Operation=Query} 1",
    ]);
    expect(await asked("PutItem", { TableName: "arn:aws:dynamodb:r:1:table/t" }, 400, refusal)).toContain(
      "WriteThrottleEvents {TableName=t} 1",
    );
  });

  it("that were partly performed count the remaining items, but no request", async () => {
    const left = { UnprocessedItems: { t: [{}, {}] } };
    expect(await asked("BatchWriteItem", {}, 200, left)).toEqual(["WriteThrottleEvents {TableName=t} 2"]);
    const keys = { UnprocessedKeys: { t: { Keys: [{}] } } };
    expect(await asked("BatchGetItem", {}, 200, keys)).toEqual(["ReadThrottleEvents {TableName=t} 1"]);
  });

  it("that succeed, or fail for another reason, count for nothing", async () => {
    expect(await asked("PutItem", { TableName: "t" }, 200, {})).toEqual([]);
    const other = { __type: "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException" };
    expect(await asked("PutItem", { TableName: "t" }, 400, other)).toEqual([]);
  });
});

describe("a line that a function prints", () => {
  const read = (line: string, require: (key: MetricKey) => void = () => undefined) => {
    const { recorder, seen } = recording();
    const troubles: string[] = [];
    recordEmbedded(line, { recorder, require, onTrouble: (text) => void troubles.push(text) });
    return { seen, troubles };
  };
  const line = (root: object, Dimensions: readonly (readonly string[])[] = [["service"]]) =>
    JSON.stringify({
      _aws: {
        Timestamp: NOW,
        CloudWatchMetrics: [{ Namespace: "EventSpine", Dimensions, Metrics: [{ Name: "Letters" }] }],
      },
      ...root,
    });

  it("becomes one measurement for each set of its dimensions", () => {
    const sets = [["service"], ["service", "lane"]];
    expect(read(line({ service: "f", lane: "normal", Letters: 2 }, sets)).seen).toEqual([
      "EventSpine Letters {service=f} 2",
      "EventSpine Letters {service=f, lane=normal} 2",
    ]);
  });

  it("may contain several values of a metric", () => {
    expect(read(line({ service: "f", Letters: [1, 2] })).seen).toHaveLength(2);
  });

  it.each([
    [{ Letters: 1 }, /dimension service has no value/],
    [{ service: "f" }, /metric Letters has no number/],
    [{ service: "f", Letters: "1" }, /metric Letters has no number/],
  ])("that CloudWatch would ignore is a warning: %j", (root, problem) => {
    const { seen, troubles } = read(line(root));
    expect(seen).toEqual([]);
    expect(troubles.join()).toMatch(problem);
  });

  it("with a metric that nothing could use is a warning", () => {
    const refuse = () => {
      throw new Error("no function counts it");
    };
    expect(read(line({ service: "f", Letters: 1 }), refuse).troubles.join()).toMatch(/no function counts it/);
  });

  it("without a metric is ignored", () => {
    for (const text of ["hello", '{"message":"done"}', "{"])
      expect(read(text)).toEqual({ seen: [], troubles: [] });
  });
});
