import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { application } from "#application";
import { createAwsEngine } from "#aws/aws-engine.ts";
import { BUS, clientDefaults, lean } from "#aws/clients.ts";
import { readEnv, readListEnv, readOptionalEnv } from "#aws/config.ts";
import { createDynamoDeliveryProgress } from "#aws/dynamo/dynamo-delivery-progress.ts";
import { createDynamoRetentionIndex } from "#aws/dynamo/dynamo-retention-index.ts";
import { createDynamoSessionIndex } from "#aws/dynamo/dynamo-session-index.ts";
import { createEventBridgePublish } from "#aws/eventbridge/eventbridge-publish.ts";
import { gatherSends } from "#aws/sqs/gathered-sends.ts";
import { createLazyExecutions, createLazyReturns } from "#aws/lazy-adapters.ts";
import { createSqsDeadlines } from "#aws/sqs/sqs-deadlines.ts";
import { readRetentionTimes } from "#aws/given-to-tenants.ts";
import { createSqsDispatch } from "#aws/sqs/sqs-dispatch.ts";
import { createSqsRelayRetries } from "#aws/sqs/sqs-relay-retries.ts";
import { createSqsSubscriptions } from "#aws/sqs/sqs-subscriptions.ts";
import { tracedDispatch } from "#aws/observe/traced-dispatch.ts";
import { createStepFunctionsDeadlines } from "#aws/step-functions/step-functions-deadlines.ts";
import { createIndexing } from "#runtime/relay/create-indexing.ts";
import { createRelay } from "#runtime/relay/create-relay.ts";
import { createSummaryCache } from "#runtime/relay/summary-cache.ts";
import { createNoteSessions } from "#runtime/retention/note-sessions.ts";

import { createRelayReceiver } from "./relay-records.ts";

const { spineOut, deadlinesMachine, table } = readEnv(["spineOut", "deadlinesMachine", "table"]);
const retention = readOptionalEnv("retention");
const sessionIndex = readOptionalEnv("sessionIndex");
const { engine, observer, queues, dynamo, stored, sealing } = createAwsEngine("relay", application, {
  // It does what commits order, and whoever committed has logged them.
  quiet: true,
});
const { client, queuePrefix, digest } = queues;
const { clock } = engine;
const gathered = { ...queues, send: gatherSends(client) };
const names = readListEnv("subscriptions");

/** Fed by the table's stream and by the queue of what it could not relay. */
export const handler = createRelayReceiver({
  relay: createRelay(
    { ...engine, dispatch: tracedDispatch(createSqsDispatch(gathered), engine.tracer) },
    {
      deadlines: createStepFunctionsDeadlines({
        executions: createLazyExecutions(deadlinesMachine),
        near: createSqsDeadlines({ ...gathered, clock }),
        digest,
        clock,
      }),
      publish: createEventBridgePublish({
        client: lean(new EventBridgeClient(clientDefaults(BUS))),
        bus: spineOut,
      }),
      ...(names.length > 0 && {
        ordered: {
          subscriptions: createSqsSubscriptions({ ...gathered, names }),
          progress: createDynamoDeliveryProgress(dynamo, table),
          log: stored,
        },
      }),
      open: async (record) => {
        const text = await sealing.open(record, record.commit.text);
        return { ...record, commit: { ...record.commit, text } };
      },
      ...(sessionIndex !== undefined && {
        indexing: createIndexing({
          index: createDynamoSessionIndex({ client: dynamo, table: sessionIndex, digest }),
          log: stored,
          cache: createSummaryCache(),
        }),
      }),
      ...(retention !== undefined && {
        retention: createNoteSessions(
          createDynamoRetentionIndex({ client: dynamo, table, digest }),
          readRetentionTimes(retention),
        ),
      }),
    },
  ),
  // Published is what is stored, also when it is read again.
  log: stored,
  retries: createSqsRelayRetries({ client, queuePrefix, onTrouble: observer.onTrouble }),
  clock,
  returnSoon: createLazyReturns(queuePrefix, observer.onTrouble),
  observer,
});
