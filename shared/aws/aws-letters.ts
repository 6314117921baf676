import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { createNodeDigest } from "#node/node-digest.ts";
import { createRandomIds } from "#node/random-ids.ts";
import { createSystemClock } from "#node/system-clock.ts";
import { sealedLetterBox } from "#runtime/sealing/sealed-letter-box.ts";
import { clientDefaults, QUICK } from "./clients.ts";
import { readEnv } from "./config.ts";
import { createDynamoSessionLog } from "./dynamo/dynamo-session-log.ts";
import { createLazyBlobs, createLazyExecutions, createLazyLetterBox } from "./lazy-adapters.ts";
import { createLazyTokens } from "./secrets/lazy-tokens.ts";
import { readSealing } from "./kms/read-sealing.ts";
import { createObserver } from "./observe/observe.ts";
import { createSqsInbox } from "./sqs/sqs-inbox.ts";

/**
 * What functions that keep letters, or are asked about them, stand on, made once when one starts, from its environment: TABLE_NAME,
 * BUCKET_NAME, QUEUE_PREFIX, TOKEN_SECRET_ARN and LETTERS_MACHINE_ARN. `ports` are what both need; the rest is for what one of
 * them has beside.
 */
export function createAwsLetters(service: string) {
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
  const sealing = readSealing(table);
  const tokens = createLazyTokens(tokenSecret, clock);
  const ports = {
    stores: {
      log: createDynamoSessionLog({ client: dynamo, table, digest, blobs }),
      blobs,
      digest,
    },
    box: sealedLetterBox(createLazyLetterBox(bucket), sealing),
    seals: sealing.hasPaths,
    executions: createLazyExecutions(lettersMachine),
    inbox: createSqsInbox({
      ...queues,
      ids,
      keyed: (tenant) => (sealing.hasPaths(tenant) ? tokens : undefined),
    }),
    tokens,
    clock,
    observer: createObserver(service),
  };
  return { ports, dynamo, table, queues, ids };
}
