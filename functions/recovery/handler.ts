import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { clientDefaults, QUICK } from "#aws/clients.ts";
import { readEnv } from "#aws/config.ts";
import { createDynamoSessionLog } from "#aws/dynamo-session-log.ts";
import { createLazyBlobs } from "#aws/lazy-blobs.ts";
import { createLazyExecutions } from "#aws/lazy-executions.ts";
import { createLazyLetterBox } from "#aws/lazy-letter-box.ts";
import { createLazyReturns } from "#aws/lazy-returns.ts";
import { readLazySealing } from "#aws/lazy-sealing.ts";
import { createLazyTokens } from "#aws/lazy-tokens.ts";
import { createObserver } from "#aws/observe.ts";
import { createSqsDeadlines } from "#aws/sqs-deadlines.ts";
import { createSqsInbox } from "#aws/sqs-inbox.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { createRandomIds } from "#node/random-ids.ts";
import { createSystemClock } from "#node/system-clock.ts";
import { sealedLetterBox } from "#runtime/sealing/sealed-letter-box.ts";
import { createRecoverer } from "./recover.ts";

const { table, bucket, queuePrefix, tokenSecret, lettersMachine } = readEnv([
  "table",
  "bucket",
  "queuePrefix",
  "tokenSecret",
  "lettersMachine",
]);
const dynamo = new DynamoDBClient(clientDefaults(QUICK));
const digest = createNodeDigest();
const blobs = createLazyBlobs(bucket);
const clock = createSystemClock();
const ids = createRandomIds();
const observer = createObserver("recovery");
const queues = { client: new SQSClient(clientDefaults(QUICK)), queuePrefix, digest };

/** Fed by the deadlines queue and by every dead-letter queue, and called by nobody else. */
export const handler = createRecoverer({
  stores: {
    log: createDynamoSessionLog({ client: dynamo, table, digest, blobs }),
    blobs,
    digest,
  },
  box: sealedLetterBox(createLazyLetterBox(bucket), readLazySealing(table)),
  executions: createLazyExecutions(lettersMachine),
  inbox: createSqsInbox({ ...queues, ids }),
  deadlines: createSqsDeadlines({ ...queues, clock }),
  tokens: createLazyTokens(tokenSecret, clock),
  clock,
  returnSoon: createLazyReturns(queuePrefix, observer.onTrouble),
  observer,
});
