import { describe, expect, it } from "vitest";
import type { RequestCount } from "#local/request-counts.ts";
import { kindOf, tally } from "../../../scripts/requests/kinds.ts";
import { problemsOf, stepOf, totalOf, type PlayRequests } from "../../../scripts/requests/measure.ts";
import { LONG, SHORT } from "../../../scripts/requests/play.ts";

const counted = (
  service: string,
  operation: string,
  caller: string,
  name: string,
  count = 1,
): RequestCount => ({ service, operation, caller, resource: `arn:aws:${service}:here:0:${name}`, count });

const played = (name: string, requests: PlayRequests["requests"]): PlayRequests => ({
  play: name,
  about: "",
  agents: 1,
  way: "request",
  requests,
  total: totalOf(requests),
});

describe("the purpose of a request", () => {
  it.each([
    ["send", counted("sqs", "SendMessageBatch", "spine-door", "spine-agent-reply.fifo")],
    ["second send", counted("sqs", "SendMessageBatch", "spine-relay", "spine-agent-reply.fifo")],
    ["proof", counted("dynamodb", "Query", "spine-relay", "table/Log")],
    ["deadlines", counted("sqs", "SendMessageBatch", "spine-relay", "spine-deadlines")],
    ["deadlines", counted("sqs", "ReceiveMessage", "mapping:spine-recovery", "spine-deadlines")],
    ["inbox", counted("sqs", "SendMessage", "rule:spine-in", "spine-intake")],
    ["inbox", counted("sqs", "SendMessageBatch", "spine-intake", "spine-inbox.fifo")],
    ["inbox", counted("sqs", "DeleteMessageBatch", "mapping:spine-coordinator", "spine-inbox.fifo")],
    ["request", counted("events", "PutEvents", "local", "event-bus/spine-in")],
    ["subscriptions", counted("sqs", "SendMessageBatch", "spine-relay", "spine-sub-mirror.fifo")],
    ["receive", counted("sqs", "ReceiveMessage", "mapping:spine-agent-reply", "spine-agent-reply.fifo")],
    ["invoke", counted("lambda", "Invoke", "spine-agent-reply", "spine-door")],
    ["agents' own", counted("dynamodb", "PutItem", "spine-agent-scheduling", "table/Calendar")],
    ["send", counted("sqs", "SendMessageBatch", "spine-agent-reply", "spine-answers.fifo")],
    ["commit", counted("dynamodb", "PutItem", "spine-door", "table/Log")],
    ["publish", counted("events", "PutEvents", "spine-relay", "event-bus/spine-out")],
    ["other", counted("dynamodb", "TransactWriteItems", "spine-door", "table/Log")],
  ])("is classified: %s", (kind, count) => {
    expect(kindOf(count)).toBe(kind);
  });

  it("is waiting for every read of the ingress after the first of a request, if the caller waits", () => {
    const reads = counted("dynamodb", "Query", "spine-ingress", "table/Log", 9);
    const request = counted("lambda", "InvokeFunctionUrl", "local", "spine-ingress", 2);
    expect(tally([reads, request], true)).toEqual({ read: 2, waits: 7, request: 2 });
    expect(tally([reads, request], false)).toEqual({ read: 9, request: 2 });
  });
});

describe("a sequential agent step", () => {
  const short = { send: 3, invoke: 3, request: 1 };

  it("is the difference that one more agent makes", () => {
    const long = { send: 4, invoke: 5, request: 1, "second send": 1 };
    expect(stepOf([played(SHORT.name, short), played(LONG.name, long)], "request")).toEqual([
      { way: "request", requests: { send: 1, invoke: 2, "second send": 1 }, total: 3 },
    ]);
  });

  it("exceeds the bound with an eighth request, even one of unknown purpose", () => {
    const step = { send: 1, receive: 1, delete: 1, invoke: 1, read: 1, commit: 1, publish: 1 };
    const problems = (requests: PlayRequests["requests"]) =>
      problemsOf({ way: "request", requests, total: totalOf(requests) });
    expect(problems({ ...step, waits: 20, stream: 4 })).toEqual([]);
    expect(problems({ ...step, read: 2 })).toHaveLength(1);
    expect(problems({ ...step, other: 1 })).toHaveLength(1);
    expect(problems({ ...step, "second send": 2 })).toHaveLength(1);
    expect(problems({ ...step, proof: 3 })).toHaveLength(1);
  });
});
