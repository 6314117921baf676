import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { clientDefaults, QUICK } from "#aws/clients.ts";
import { readEnv } from "#aws/config.ts";
import { createDynamoCommitScan } from "#aws/dynamo-commit-scan.ts";
import { createDynamoSessionLog } from "#aws/dynamo-session-log.ts";
import { createLazyBlobs } from "#aws/lazy-blobs.ts";
import { createLazyExecutions } from "#aws/lazy-executions.ts";
import { createLazyLetterBox } from "#aws/lazy-letter-box.ts";
import { readLazySealing } from "#aws/lazy-sealing.ts";
import { createLazyTokens } from "#aws/lazy-tokens.ts";
import { createObserver } from "#aws/observe.ts";
import { createSqsAnswerQueue } from "#aws/sqs-answer-queue.ts";
import { createSqsInbox } from "#aws/sqs-inbox.ts";
import { createSqsWaysBack } from "#aws/sqs-ways-back.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { createRandomIds } from "#node/random-ids.ts";
import { createSystemClock } from "#node/system-clock.ts";
import { sealedLetterBox } from "#runtime/sealing/sealed-letter-box.ts";
import { createOperations } from "./operate.ts";

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
const queues = { client: new SQSClient(clientDefaults(QUICK)), queuePrefix, digest };

/** Asked by operators, and by the executions that watch letters. No queue and no stream feeds it. */
export const handler = createOperations({
  stores: {
    log: createDynamoSessionLog({ client: dynamo, table, digest, blobs }),
    blobs,
    digest,
  },
  box: sealedLetterBox(createLazyLetterBox(bucket), readLazySealing(table)),
  executions: createLazyExecutions(lettersMachine),
  inbox: createSqsInbox({ ...queues, ids }),
  again: {
    inbox: createSqsInbox({ ...queues, ids, again: true }),
    answers: createSqsAnswerQueue({ ...queues, again: ids }),
    waysBack: createSqsWaysBack({ ...queues, ids }),
  },
  scan: createDynamoCommitScan({ client: dynamo, table }),
  tokens: createLazyTokens(tokenSecret, clock),
  clock,
  observer: createObserver("operator"),
});
