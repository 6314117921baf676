import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { clientDefaults, QUICK } from "#aws/clients.ts";
import { readEnv } from "#aws/config.ts";
import { createDynamoExpiringLog } from "#aws/dynamo-expiring-log.ts";
import { createDynamoRetentionIndex } from "#aws/dynamo-retention-index.ts";
import { createLazyExpiringBlobs } from "#aws/lazy-expiring-blobs.ts";
import { createObserver } from "#aws/observe.ts";
import { readRetentionTimes } from "#aws/retention-times.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { createSystemClock } from "#node/system-clock.ts";
import { createSweep } from "#runtime/retention/create-sweep.ts";
import { createSweeper } from "./sweep.ts";

const { table, bucket, retention } = readEnv(["table", "bucket", "retention"]);
const client = new DynamoDBClient(clientDefaults(QUICK));
const digest = createNodeDigest();
const clock = createSystemClock();
const observer = createObserver("retention");

/** Called by its schedule. */
export const handler = createSweeper({
  sweep: createSweep({
    log: createDynamoExpiringLog({ client, table, digest }),
    blobs: createLazyExpiringBlobs(bucket),
    index: createDynamoRetentionIndex({ client, table, digest }),
    digest,
    clock,
    times: readRetentionTimes(retention),
    onTrouble: observer.onTrouble,
  }),
  clock,
  observer,
});
