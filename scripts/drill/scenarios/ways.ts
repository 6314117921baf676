import { SendMessageCommand } from "@aws-sdk/client-sqs";
import {
  FunctionSuffix,
  functionName,
  intakeRuleName,
  queueName,
  QueueSuffix,
  retentionRuleName,
} from "#aws/names.ts";
import { InvocationFault } from "#local/faults/local-faults.ts";
import type { LocalResponse } from "#local/http/loopback-server.ts";
import { dimensionOf, HOUR, MINUTE, THROTTLED, type Scenario } from "../scenario.ts";
import { PREFIX, type DrillWorld } from "../world.ts";
import { putEvent } from "./sessions.ts";

const only = (suffix: FunctionSuffix, fault: InvocationFault) => (called: string) =>
  called === functionName(PREFIX, suffix) ? fault : undefined;

const OVER_CAPACITY: LocalResponse = {
  status: 400,
  headers: { "content-type": "application/x-amz-json-1.0" },
  body: JSON.stringify({
    __type: "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
    message: "The level of configured provisioned throughput for the table was exceeded.",
  }),
};

/** The log's table has no capacity for these operations. */
const throttledLog = (kind: "reads" | "writes", operations: readonly string[]): Scenario => ({
  trouble: `DynamoDB throttles ${kind} of the log's table`,
  rings: (alarm) => alarm === `log-${kind}-throttled`,
  async run(world, alarms) {
    const tables = alarms.flatMap((alarm) => dimensionOf(alarm, "TableName"));
    world.trouble.request = (_, call) =>
      call !== undefined && operations.includes(call.operation) && tables.includes(call.resource)
        ? OVER_CAPACITY
        : undefined;
    const sessions = Array.from({ length: 6 }, (_, at) => `${kind}-throttled-${at}`);
    await Promise.all(sessions.map((session) => world.post(session, world.event(session))));
    await world.advance(MINUTE);
  },
});

/** Until EventBridge has just called retention, which it does once an hour. */
async function untilCalled(world: DrillWorld): Promise<void> {
  const key = {
    namespace: "AWS/Events",
    name: "Invocations",
    dimensions: { RuleName: retentionRuleName(PREFIX) },
  };
  const isCalled = () =>
    (world.cloud.metrics.statistic(key, "Sum", world.now() - MINUTE, world.now() + MINUTE) ?? 0) > 0;
  for (let minutes = 0; minutes < 61 && !isCalled(); minutes += 1) await world.advance(MINUTE);
}

export const WAY_SCENARIOS: readonly Scenario[] = [
  {
    trouble: "the coordinator is not invoked for five minutes",
    rings: (alarm) => alarm.endsWith("-waiting"),
    async run(world, alarms) {
      world.trouble.invocation = only(FunctionSuffix.coordinator, InvocationFault.throttled);
      for (const queue of alarms.flatMap((alarm) => dimensionOf(alarm, "QueueName")))
        await world.clients.sqs.send(
          new SendMessageCommand({
            QueueUrl: world.queueUrl(queue.slice(PREFIX.length + 1)),
            MessageGroupId: "waits",
            MessageDeduplicationId: `${queue}-waits`,
            MessageBody: "{}",
          }),
        );
      await world.advance(5 * MINUTE, THROTTLED);
    },
  },
  {
    trouble: "the environments of ingress crash on producers' requests",
    rings: (alarm) => alarm === "ingress-5xx",
    async run(world) {
      world.trouble.invocation = only(FunctionSuffix.ingress, InvocationFault.died);
      for (let at = 0; at < 6; at += 1) await world.post("refused", world.event("refused"));
      await world.advance(MINUTE);
    },
  },
  {
    trouble: "the relay is not invoked for five minutes while commits arrive",
    rings: (alarm) => alarm === "relay-behind",
    async run(world) {
      world.trouble.invocation = only(FunctionSuffix.relay, InvocationFault.throttled);
      await world.post("unrelayed", world.event("unrelayed"));
      await world.advance(5 * MINUTE, THROTTLED);
      world.mend();
      await world.advance(2 * MINUTE);
    },
  },
  throttledLog("reads", ["GetItem", "Query"]),
  throttledLog("writes", ["PutItem"]),
  {
    trouble: "the intake accepts nothing from EventBridge",
    rings: (alarm) => alarm === "events-undelivered",
    async run(world) {
      const intake = queueName(PREFIX, QueueSuffix.intake);
      world.trouble.delivery = (target) => (target === intake ? "its policy was changed" : undefined);
      await putEvent(world, { session: "undelivered", data: { text: "hello" } });
      await world.advance(MINUTE);
    },
  },
  {
    trouble: "neither the intake nor its dead-letter queue accepts anything from EventBridge",
    rings: (alarm) => alarm === "events-dropped",
    async run(world) {
      world.trouble.delivery = (target) =>
        target.startsWith(intakeRuleName(PREFIX)) ? "their policies were changed" : undefined;
      await putEvent(world, { session: "dropped", data: { text: "hello" } });
      await world.advance(MINUTE);
    },
  },
  {
    trouble: "EventBridge may not invoke retention",
    rings: (alarm) => alarm === "retention-uncalled",
    prepare: untilCalled,
    async run(world) {
      const retention = functionName(PREFIX, FunctionSuffix.retention);
      world.trouble.delivery = (target) => (target === retention ? "its policy was changed" : undefined);
      await world.advance(HOUR + MINUTE);
    },
  },
];
