import { SQSClient } from "@aws-sdk/client-sqs";
import { clientDefaults, QUICK } from "#aws/clients.ts";
import { readEnv } from "#aws/config.ts";
import { createLazyBlobs } from "#aws/lazy-blobs.ts";
import { createObserver } from "#aws/observe.ts";
import { createSqsDeadlines } from "#aws/sqs-deadlines.ts";
import { createSqsInbox } from "#aws/sqs-inbox.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { createRandomIds } from "#node/random-ids.ts";
import { createSystemClock } from "#node/system-clock.ts";
import { createRecovery } from "#runtime/create-recovery.ts";
import { createRecoverer } from "./recover.ts";

const { bucket, queuePrefix } = readEnv(["bucket", "queuePrefix"]);
const client = new SQSClient(clientDefaults(QUICK));
const digest = createNodeDigest();
const clock = createSystemClock();
const inbox = createSqsInbox({ client, queuePrefix, digest, ids: createRandomIds() });

/** Fed by the deadlines queue and by every dead-letter queue. */
export const handler = createRecoverer({
  recover: createRecovery({ inbox, digest }),
  inbox,
  deadlines: createSqsDeadlines({ client, queuePrefix, clock }),
  blobs: createLazyBlobs(bucket),
  clock,
  observer: createObserver("recovery"),
});
