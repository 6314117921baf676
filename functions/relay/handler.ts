import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { applicationDefinition } from "#application";
import { createAwsEngine } from "#aws/aws-engine.ts";
import { clientDefaults, QUICK } from "#aws/clients.ts";
import { readEnv, readListEnv, readOptionalEnv } from "#aws/config.ts";
import { createDynamoRetentionIndex } from "#aws/dynamo-retention-index.ts";
import { createEventBridgePublish } from "#aws/eventbridge-publish.ts";
import { createLazyExecutions } from "#aws/lazy-executions.ts";
import { createLazyReturns } from "#aws/lazy-returns.ts";
import { QueueSuffix } from "#aws/names.ts";
import { createSqsDeadlines } from "#aws/sqs-deadlines.ts";
import { readRetentionTimes } from "#aws/retention-times.ts";
import { sendMessages } from "#aws/sqs-send.ts";
import { createSqsSubscriptions } from "#aws/sqs-subscriptions.ts";
import { createStepFunctionsDeadlines } from "#aws/step-functions-deadlines.ts";
import { createRelay } from "#runtime/create-relay.ts";
import { createNoteSessions } from "#runtime/retention/note-sessions.ts";
import { createRelayReceiver } from "./relay-records.ts";

/** What failed a moment ago would fail again now. */
const RETRY_SECONDS = 2;

const { spineOut, deadlinesMachine, table } = readEnv(["spineOut", "deadlinesMachine", "table"]);
const retention = readOptionalEnv("retention");
const { engine, observer, queues, dynamo, stored, sealing } = createAwsEngine("relay", applicationDefinition);
const { client, queuePrefix, digest } = queues;
const { clock } = engine;

/** Fed by the table's stream and by the queue of what it could not relay. */
export const handler = createRelayReceiver({
  relay: createRelay(engine, {
    deadlines: createStepFunctionsDeadlines({
      executions: createLazyExecutions(deadlinesMachine),
      near: createSqsDeadlines({ client, queuePrefix, clock }),
      digest,
      clock,
    }),
    publish: createEventBridgePublish({
      client: new EventBridgeClient(clientDefaults(QUICK)),
      bus: spineOut,
    }),
    subscriptions: createSqsSubscriptions({ ...queues, names: readListEnv("subscriptions") }),
    open: async (record) => {
      const text = await sealing.open(record, record.commit.text);
      return { ...record, commit: { ...record.commit, text } };
    },
    ...(retention !== undefined && {
      retention: createNoteSessions(
        createDynamoRetentionIndex({ client: dynamo, table, digest }),
        readRetentionTimes(retention),
      ),
    }),
  }),
  // Published is what is stored, also when it is read again.
  log: stored,
  retryLater: (places) =>
    sendMessages(
      client,
      places.map((place) => ({
        queueUrl: queuePrefix + QueueSuffix.relayRetries,
        body: JSON.stringify(place),
        delaySeconds: RETRY_SECONDS,
      })),
    ),
  returnSoon: createLazyReturns(queuePrefix, observer.onTrouble),
  observer,
});
