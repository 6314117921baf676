import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { callersAt } from "#aws/lambda/callers.ts";
import { clientDefaults, QUICK } from "#aws/clients.ts";
import { readEnv, readOptionalEnv } from "#aws/config.ts";
import { createDynamoDeliveryProgress } from "#aws/dynamo/dynamo-delivery-progress.ts";
import { createDynamoExpiringLog } from "#aws/dynamo/dynamo-expiring-log.ts";
import { createDynamoKeyItems } from "#aws/dynamo/dynamo-key-items.ts";
import { createDynamoRetentionIndex } from "#aws/dynamo/dynamo-retention-index.ts";
import { createDynamoScores } from "#aws/dynamo/dynamo-scores.ts";
import { createDynamoSessionIndex } from "#aws/dynamo/dynamo-session-index.ts";
import { createLazyExpiringBlobs, createLazyLetterBox } from "#aws/lazy-adapters.ts";
import { createObserver } from "#aws/observe/observe.ts";
import { readRetentionTimes } from "#aws/given-to-tenants.ts";
import { createTenants } from "#aws/lambda/tenants.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { createSystemClock } from "#node/system-clock.ts";
import { createErase } from "#runtime/retention/create-erase.ts";
import { createSweep } from "#runtime/retention/create-sweep.ts";
import { createSweeper } from "./sweep.ts";

const { table, bucket, retention } = readEnv(["table", "bucket", "retention"]);
const client = new DynamoDBClient(clientDefaults(QUICK));
const digest = createNodeDigest();
const clock = createSystemClock();
const observer = createObserver("retention");

const sessionIndex = readOptionalEnv("sessionIndex");
const scores = readOptionalEnv("scores");

const blobs = createLazyExpiringBlobs(bucket);
const stores = {
  log: createDynamoExpiringLog({ client, table, digest, blobs }),
  blobs,
  keys: createDynamoKeyItems(client, table),
  progress: createDynamoDeliveryProgress(client, table),
  index: createDynamoRetentionIndex({ client, table, digest }),
  ...(sessionIndex !== undefined && {
    rows: createDynamoSessionIndex({ client, table: sessionIndex, digest }),
  }),
  ...(scores !== undefined && { scores: createDynamoScores({ client, table: scores }) }),
  digest,
  clock,
};

/** Called by its schedule, and by operators at its URL (IAM). */
export const handler = createSweeper({
  sweep: createSweep({ ...stores, times: readRetentionTimes(retention), onTrouble: observer.onTrouble }),
  erase: createErase({ ...stores, box: createLazyLetterBox(bucket) }),
  tenants: createTenants(callersAt(new URL(".", import.meta.url))),
  clock,
  observer,
});
