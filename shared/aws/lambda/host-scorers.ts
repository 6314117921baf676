import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { SQSRecord } from "aws-lambda";
import { parseSessionKey, sessionKeyText } from "#core/ids.ts";
import type { Scorer } from "#core/scoring/scorer.ts";
import type { SessionAdvanced } from "#core/session/task-messages.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { createSystemClock } from "#node/system-clock.ts";
import type { Clock } from "#ports/clock.ts";
import { createScoring, type ScorePublished } from "#runtime/scoring/create-scoring.ts";
import { clientDefaults, lean, QUICK } from "../clients.ts";
import { readEnv, readOptionalEnv } from "../config.ts";
import { createDynamoScoreKeeper } from "../dynamo/dynamo-scores.ts";
import { createDynamoSessionLog } from "../dynamo/dynamo-session-log.ts";
import { createLazyBlobs } from "../lazy-adapters.ts";
import { createObserver, type Observer } from "../observe/observe.ts";
import { batchResponse } from "../sqs/sqs-records.ts";
import type { SubscriberHandler } from "./host-subscriber.ts";

/** What a scorer that hangs leaves of an invocation, to keep the scores of others. */
const REST_MS = 2_000;

/**
 * Makes scorers the Lambda handler of a spine's `scorers`, for every reply that is committed. Nothing waits for them: what a scorer fails on
 * comes again, and after five times it is a dead letter. A reply that comes twice keeps its first score. Its environment is TABLE_NAME,
 * SCORES_TABLE, SCORES_KEPT_SECONDS, and BUCKET_NAME for commits of more than 300 KB.
 *
 * @throws {SpineError} `setting.invalid` without a scorer, with more than 20, or where two have one name
 * @example
 * const answered = defineScorer({ name: "answered", scores: ({ reply }) => ({ score: reply.failed ? 0 : 1 }) });
 * export const handler = hostScorers(answered);
 */
export function hostScorers(...scorers: readonly Scorer[]): SubscriberHandler {
  const env = readEnv(["table", "scores", "scoresKept"]);
  const bucket = readOptionalEnv("bucket");
  const client = lean(new DynamoDBClient(clientDefaults(QUICK)));
  const blobs = bucket === undefined ? undefined : createLazyBlobs(bucket);
  const log = createDynamoSessionLog({ client, table: env.table, digest: createNodeDigest(), blobs });
  const scores = createDynamoScoreKeeper({ client, table: env.scores }, Number(env.scoresKept));
  const clock = createSystemClock();
  return createScorersHandler(
    createScoring(scorers, { log, scores, clock }),
    createObserver("scorers"),
    clock,
  );
}

/** Message by message: no score waits for another one, and what failed comes again alone. */
export function createScorersHandler(
  score: ScorePublished,
  observer: Observer,
  clock: Pick<Clock, "now">,
): SubscriberHandler {
  const scoreRecord = async ({ body }: SQSRecord, until: number): Promise<boolean> => {
    let what = "reading a publication";
    try {
      // Only the relay may send to a subscription's queue.
      const advance = JSON.parse(body) as SessionAdvanced;
      const key = parseSessionKey(advance);
      what = `scoring replies of ${sessionKeyText(key)}`;
      const troubles = await score(key, advance, until);
      for (const trouble of troubles) observer.onTrouble(trouble, what);
      observer.note({ ...key, sequence: advance.last });
      return troubles.length === 0;
    } catch (error) {
      observer.onTrouble(error, what);
      return false;
    }
  };
  return ({ Records }, context) =>
    observer.invocation(context, {}, async () => {
      const until = clock.now() + context.getRemainingTimeInMillis() - REST_MS;
      const done = await Promise.all(Records.map((record) => scoreRecord(record, until)));
      return batchResponse(Records.filter((_, at) => done[at] === false).map(({ messageId }) => messageId));
    });
}
