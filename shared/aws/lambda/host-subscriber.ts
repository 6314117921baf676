import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { parseSessionKey, sessionKeyText, type SessionKey } from "#core/ids.ts";
import type { SessionAdvanced } from "#core/session/task-messages.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { createSubscriber, type Deliver, type Subscriber } from "#runtime/relay/create-subscriber.ts";
import { clientDefaults, lean, QUICK } from "../clients.ts";
import { readEnv, readOptionalEnv } from "../config.ts";
import { createDynamoSessionLog } from "../dynamo/dynamo-session-log.ts";
import { createLazyBlobs } from "../lazy-adapters.ts";
import { createObserver, type Observer } from "../observe/observe.ts";
import { batchResponse } from "../sqs/sqs-records.ts";

export type SubscriberHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/**
 * Makes a subscriber a Lambda handler for the queue of its ordered subscription. Its environment is TABLE_NAME, and BUCKET_NAME for
 * commits of more than 300 KB; its right beside its queue is to read sessions: where a commit is missing, it reads the log.
 *
 * @example
 * const counts = new Map<string, { readonly sequence: number }>();
 * export const handler = hostSubscriber<{ readonly sequence: number }>("counts", {
 *   load: ({ session }) => Promise.resolve(counts.get(session)),
 *   take: (_, { last }) => ({ sequence: last }),
 *   store: ({ session }, count) => Promise.resolve(void counts.set(session, count)),
 * });
 */
export function hostSubscriber<State extends { readonly sequence: number }>(
  name: string,
  subscriber: Subscriber<State>,
): SubscriberHandler {
  const { table } = readEnv(["table"]);
  const bucket = readOptionalEnv("bucket");
  const digest = createNodeDigest();
  const client = lean(new DynamoDBClient(clientDefaults(QUICK)));
  const blobs = bucket === undefined ? undefined : createLazyBlobs(bucket);
  const log = createDynamoSessionLog({ client, table, digest, blobs });
  return createSubscriberHandler(
    createSubscriber(subscriber, { log, digest }),
    createObserver(`subscriber-${name}`),
  );
}

interface Batch {
  readonly key: SessionKey;
  readonly advances: SessionAdvanced[];
  readonly messages: string[];
}

/** Sessions side by side; the messages of one that failed come again, all of them, since none of them was kept. */
export function createSubscriberHandler(deliver: Deliver, observer: Observer): SubscriberHandler {
  return ({ Records }, context) =>
    observer.invocation(context, {}, async () => {
      const failed: string[] = [];
      const batches = new Map<string, Batch>();
      for (const record of Records) {
        try {
          addTo(batches, record);
        } catch (error) {
          observer.onTrouble(error, "reading a publication");
          failed.push(record.messageId);
        }
      }
      await Promise.all(
        [...batches].map(async ([session, { key, advances, messages }]) => {
          try {
            await deliver(key, advances);
            observer.note({ ...key, sequence: advances.at(-1)?.last ?? 0 });
          } catch (error) {
            observer.onTrouble(error, `delivering commits of ${session}`);
            failed.push(...messages);
          }
        }),
      );
      return batchResponse(failed);
    });
}

function addTo(batches: Map<string, Batch>, { body, messageId }: SQSRecord): void {
  // Only the relay may send to a subscription's queue.
  const advance = JSON.parse(body) as SessionAdvanced;
  const key = parseSessionKey(advance);
  const name = sessionKeyText(key);
  const batch = batches.get(name) ?? { key, advances: [], messages: [] };
  batch.advances.push(advance);
  batch.messages.push(messageId);
  batches.set(name, batch);
}
