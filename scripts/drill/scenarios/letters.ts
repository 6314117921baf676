import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { StartExecutionCommand } from "@aws-sdk/client-sfn";
import { randomUUID } from "node:crypto";
import { agentFunctionName, FunctionSuffix, functionName } from "#aws/names.ts";
import { InvocationFault } from "#local/faults/local-faults.ts";
import { serverError } from "#local/faults/refusals.ts";
import { dimensionOf, HOUR, MINUTE, type Scenario } from "../scenario.ts";
import { PREFIX, type DrillWorld } from "../world.ts";

const RECOVERY = functionName(PREFIX, FunctionSuffix.recovery);
const OPERATOR = functionName(PREFIX, FunctionSuffix.operator);
const died = (name: string) => (called: string) => (called === name ? InvocationFault.died : undefined);
const session = "unheard";

/** Puts a letter into a queue of dead letters, as a queue that gives a message up does. */
const giveUp = ({ clients, queueUrl }: DrillWorld, queue: string) =>
  clients.sqs.send(
    new SendMessageCommand({
      QueueUrl: queueUrl(queue.slice(PREFIX.length + 1)),
      MessageBody: JSON.stringify({ tenant: "default", session, at: 5 }),
      ...(queue.endsWith(".fifo") && { MessageGroupId: session, MessageDeduplicationId: randomUUID() }),
    }),
  );

/** Takes what lies in a queue of dead letters that nobody else takes. */
export async function purge({ clients, queueUrl }: DrillWorld, suffix: string): Promise<void> {
  const QueueUrl = queueUrl(suffix);
  for (;;) {
    const { Messages = [] } = await clients.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return;
    for (const { ReceiptHandle } of Messages)
      await clients.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: ReceiptHandle ?? "" }));
  }
}

export const LETTER_SCENARIOS: readonly Scenario[] = [
  {
    trouble: "recovery crashes on every dead letter",
    rings: (alarm) => alarm.startsWith("stuck-") || alarm.endsWith("-stuck"),
    async run(world, alarms) {
      world.trouble.invocation = died(RECOVERY);
      for (const queue of alarms.flatMap((alarm) => dimensionOf(alarm, "QueueName")))
        await giveUp(world, queue);
      await world.advance(14 * MINUTE);
    },
  },
  {
    trouble:
      "recovery keeps a letter, then the function operator fails for two hours when it should confirm it",
    rings: (alarm) => alarm === "unwatched-letters",
    async run(world) {
      await giveUp(world, `${PREFIX}-deadlines-dead`);
      await world.advance(2_000);
      world.trouble.invocation = died(OPERATOR);
      await world.advance(2 * HOUR);
    },
  },
  {
    trouble: "the queue of deadlines accepts nothing for more than a day",
    rings: (alarm) => alarm === "unsent-deadlines",
    async run(world, alarms) {
      world.trouble.request = ({ headers, body }) =>
        headers["x-amz-target"]?.endsWith(".SendMessage") === true && body.includes(`${PREFIX}-deadlines"`)
          ? serverError("sqs")
          : undefined;
      const [stateMachineArn] = alarms.flatMap((alarm) => dimensionOf(alarm, "StateMachineArn"));
      const input = { until: new Date(world.now()).toISOString(), body: "{}" };
      await world.clients.sfn.send(
        new StartExecutionCommand({ stateMachineArn, name: "unsent", input: JSON.stringify(input) }),
      );
      // A try comes at the step after its time, so a day of tries takes longer.
      await world.advance(36 * HOUR, { stepMs: 5 * MINUTE });
    },
  },
  {
    trouble: "a subscriber crashes on every commit",
    rings: (alarm) => alarm.startsWith("sub-"),
    async run(world) {
      world.trouble.invocation = died(`${PREFIX}-mirror`);
      await world.post("unmirrored", world.event("unmirrored"));
      await world.advance(25 * MINUTE);
    },
    after: (world) => purge(world, "sub-mirror-dead.fifo"),
  },
  {
    trouble: "the webhook's secret has no address, so nobody is told of a question",
    rings: (alarm) => alarm === "questions-letters",
    async run(world) {
      await world.post("untold", { id: "untold", type: "QuestionAsked", data: {} });
      await world.advance(25 * MINUTE);
    },
    after: (world) => purge(world, "questions-dead"),
  },
];

/** The environments of one agent die over every task. */
export const agentDies = (agent: string): Scenario => ({
  trouble: `the agent ${agent} crashes on every task`,
  rings: (alarm) => alarm === `agent-${agent}-letters`,
  async run(world) {
    world.trouble.invocation = died(agentFunctionName(PREFIX, agent));
    const asked = agentsApart[agent];
    const name = `dying-${agent}`;
    await world.post(name, asked === undefined ? world.event(name) : { id: name, type: asked, data: {} });
    await world.advance(10 * MINUTE);
  },
});

/** Agents that a booking does not come to, and the event that takes a session to them. */
const agentsApart: Readonly<Record<string, string>> = { deed: "RegretAsked", flawed: "FlawAsked" };
