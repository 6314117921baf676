import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { commitItem } from "#aws/dynamo/log-items.ts";
import { FunctionSuffix, functionName, spineInName } from "#aws/names.ts";
import { parseSessionKey } from "#core/ids.ts";
import { FLAW_ASKED, REGRET_ASKED } from "../app/application.ts";
import { MINUTE, type Scenario } from "../scenario.ts";
import { PREFIX, type DrillWorld } from "../world.ts";

const TENANT = "default";
/** More outcomes than a circuit breaker needs to open. */
const FAILURES = 12;

async function damage({ clients, variable }: DrillWorld, session: string): Promise<void> {
  const key = parseSessionKey({ tenant: TENANT, session });
  const Item = commitItem(key, { first: 1, last: 1, text: "no commit", snapshot: false });
  await clients.dynamo.send(
    new PutItemCommand({ TableName: variable(`${PREFIX}-ingress`, "TABLE_NAME"), Item }),
  );
}

const toInbox = ({ clients, queueUrl }: DrillWorld, session: string, id: string) =>
  clients.sqs.send(
    new SendMessageCommand({
      QueueUrl: queueUrl("inbox.fifo"),
      MessageGroupId: session,
      MessageDeduplicationId: id,
      MessageBody: JSON.stringify({
        tenant: TENANT,
        session,
        input: { kind: "event", source: "drill", id, hash: id, correlation: id, type: "Told", data: {} },
      }),
    }),
  );

export const putEvent = ({ clients }: DrillWorld, detail: object) =>
  clients.events.send(
    new PutEventsCommand({
      Entries: [
        {
          EventBusName: spineInName(PREFIX),
          Source: "drill",
          DetailType: "MessageReceived",
          Detail: JSON.stringify(detail),
        },
      ],
    }),
  );

export const SESSION_SCENARIOS: readonly Scenario[] = [
  {
    trouble: "a commit of a session is damaged, and inputs for it keep arriving",
    rings: (alarm) => ["unreadable-sessions", "returned-messages", "parked-letters"].includes(alarm),
    async run(world) {
      await damage(world, "damaged");
      await world.post("damaged", world.event("damaged"));
      await toInbox(world, "damaged", "to-damaged");
      await world.advance(12 * MINUTE);
    },
  },
  {
    trouble: "an event on spine-in names no session",
    rings: (alarm) => alarm === "lost-letters",
    async run(world) {
      await putEvent(world, { data: { text: "to whom?" } });
      await world.advance(2 * MINUTE);
    },
  },
  {
    trouble: "the relay is invoked with a commit that is not in the log",
    rings: (alarm) => alarm === "made-up-records",
    async run(world) {
      const NewImage = { pk: { S: "default/nobody" }, sk: { N: "1" }, kind: { S: "commit" } };
      const Records = [{ eventName: "INSERT", dynamodb: { SequenceNumber: "1", NewImage } }];
      const FunctionName = functionName(PREFIX, FunctionSuffix.relay);
      await world.clients.lambda.send(
        new InvokeCommand({ FunctionName, Payload: JSON.stringify({ Records }) }),
      );
      await world.advance(2 * MINUTE);
    },
  },
  {
    trouble: "a run has a budget of no hops and needs one",
    rings: (alarm) => alarm === "budget-stops",
    async run(world) {
      const constraints = { budget: { hops: 0 } };
      await world.post("broke", { id: "broke", type: FLAW_ASKED, data: {}, constraints });
      await world.advance(2 * MINUTE);
    },
  },
  {
    trouble: "a run fails after an effect, and the compensation fails too",
    rings: (alarm) => alarm === "uncompensated-runs",
    async run(world) {
      await world.post("regret", { id: "regret", type: REGRET_ASKED, data: {} });
      await world.advance(2 * MINUTE);
    },
  },
  {
    trouble: "an agent fails twelve times in a row",
    rings: (alarm) => alarm === "breakers-opened",
    async run(world) {
      for (let at = 0; at < FAILURES; at += 1)
        await world.post(`flaw-${at}`, { id: `flaw-${at}`, type: FLAW_ASKED, data: {} }, 5);
      await world.advance(2 * MINUTE);
    },
  },
];
