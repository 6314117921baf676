import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { applicationDefinition } from "#application";
import { createAwsEngine } from "#aws/aws-engine.ts";
import { clientDefaults, QUICK } from "#aws/clients.ts";
import { readEnv, readListEnv } from "#aws/config.ts";
import { createEventBridgePublish } from "#aws/eventbridge-publish.ts";
import { createLazyExecutions } from "#aws/lazy-executions.ts";
import { createLazyReturns } from "#aws/lazy-returns.ts";
import { QueueSuffix } from "#aws/names.ts";
import { createSqsDeadlines } from "#aws/sqs-deadlines.ts";
import { sendMessages } from "#aws/sqs-send.ts";
import { createSqsSubscriptions } from "#aws/sqs-subscriptions.ts";
import { createStepFunctionsDeadlines } from "#aws/step-functions-deadlines.ts";
import { createRelay } from "#runtime/create-relay.ts";
import { createRelayReceiver } from "./relay-records.ts";

/** What failed a moment ago would fail again now. */
const RETRY_SECONDS = 2;

const { spineOut, deadlinesMachine } = readEnv(["spineOut", "deadlinesMachine"]);
const { engine, observer, queues } = await createAwsEngine("relay", applicationDefinition);
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
  }),
  log: engine.log,
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
