import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Context, SQSEvent } from "aws-lambda";
import { application } from "#application";
import { clientDefaults, QUICK } from "#aws/clients.ts";
import { readEnv, readOptionalEnv } from "#aws/config.ts";
import { readPersonalPaths } from "#aws/given-to-tenants.ts";
import { createLazyReturns } from "#aws/lazy-adapters.ts";
import { createLazyTokens } from "#aws/secrets/lazy-tokens.ts";
import { QueueSuffix } from "#aws/names.ts";
import { createObserver } from "#aws/observe/observe.ts";
import { createSqsInbox, type SqsInboxOptions } from "#aws/sqs/sqs-inbox.ts";
import { createSqsProof } from "#aws/sqs/sqs-proof.ts";
import { createSqsRefusals } from "#aws/sqs/sqs-refusals.ts";
import { batchResponse, toMessage } from "#aws/sqs/sqs-records.ts";
import { sendMessages } from "#aws/sqs/sqs-send.ts";
import { createTenantQuota } from "#aws/dynamo/create-tenant-quota.ts";
import { tracedInbox } from "#aws/observe/traced-inbox.ts";
import { callersAt } from "#aws/lambda/callers.ts";
import { createTenants } from "#aws/lambda/tenants.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { createRandomIds } from "#node/random-ids.ts";
import { createSystemClock } from "#node/system-clock.ts";
import { hasPaths } from "#core/session/personal/declared-paths.ts";
import { createIntake } from "#runtime/intake/create-intake.ts";

const { queuePrefix } = readEnv(["queuePrefix"]);
const quotas = readOptionalEnv("quotas");
const observer = createObserver("intake");
const { onTrouble } = observer;
const digest = createNodeDigest();
const ids = createRandomIds();
const clock = createSystemClock();
const client = new SQSClient(clientDefaults(QUICK));

/** Where there are quotas they are counted in the log's table, of which this function sees nothing else. */
const quotaOf = (text: string) =>
  createTenantQuota(text, {
    client: new DynamoDBClient(clientDefaults(QUICK)),
    table: readEnv(["table"]).table,
    clock,
    onTrouble,
  });

/** Where tenants have personal values, messages of theirs are told apart by a digest under the spine's secret. */
const personal = readPersonalPaths();
const keyed =
  Object.keys(personal).length > 0 ? { keyed: keyedBy(readEnv(["tokenSecret"]).tokenSecret) } : {};
function keyedBy(secretArn: string): NonNullable<SqsInboxOptions["keyed"]> {
  const digests = createLazyTokens(secretArn, clock);
  return (tenant) => (hasPaths(personal, tenant) ? digests : undefined);
}

const take = createIntake({
  application,
  ids,
  digest,
  clock,
  callerOf: createTenants(callersAt(new URL(".", import.meta.url))).ofBus,
  ...(quotas !== undefined && { quota: quotaOf(quotas) }),
  inbox: tracedInbox(createSqsInbox({ client, queuePrefix, digest, ids, ...keyed }), observer.tracer),
  putOff: (events) =>
    sendMessages(
      client,
      events.map((event) => ({ queueUrl: queuePrefix + QueueSuffix.intake, ...event })),
    ),
  refuse: createSqsRefusals({ client, queuePrefix }),
  count: observer.count,
  onTrouble,
});
const returnSoon = createLazyReturns(queuePrefix, onTrouble);

const prove = createSqsProof({ client, queuePrefix, observer });

/** Fed by the rule of spine-in. Who put an event there is what EventBridge says of it, so only what the queue gave out is believed. */
export const handler = ({ Records }: SQSEvent, context: Context) =>
  observer.invocation(context, {}, async () => {
    const unproven = await prove(Records, "events");
    const failed = await take(Records.filter((record) => !unproven.has(record)).map(toMessage));
    await returnSoon(Records, failed, "events");
    return batchResponse([...[...unproven].map(({ messageId }) => messageId), ...failed]);
  });
