import type {
  Context,
  DynamoDBRecord,
  DynamoDBStreamEvent,
  SQSBatchResponse,
  SQSEvent,
  SQSRecord,
} from "aws-lambda";
import { itemOfJson, readPlace, readStreamImage } from "#aws/log-items.ts";
import { ItemKind } from "#aws/names.ts";
import type { Observer } from "#aws/observe.ts";
import { batchResponse } from "#aws/sqs-records.ts";
import type { ReturnSoon } from "#aws/sqs-returns.ts";
import { parseSessionKey } from "#core/ids.ts";
import type { SessionLog, StreamRecord } from "#ports/session-log.ts";
import type { CommitPlace } from "#ports/ways-back.ts";

export interface RelayRecordsPorts {
  readonly relay: (records: readonly StreamRecord[]) => Promise<readonly StreamRecord[]>;
  readonly log: Pick<SessionLog, "readAfter">;
  /** Keeps the places of commits that could not be relayed. */
  readonly retryLater: (places: readonly CommitPlace[]) => Promise<void>;
  readonly returnSoon: ReturnSoon;
  readonly observer: Observer;
}

/**
 * Relays what the table's stream brings. A record that fails goes to the retry queue, so that its shard never waits;
 * from there its commit is read again by key.
 */
export function createRelayReceiver({ relay, log, retryLater, returnSoon, observer }: RelayRecordsPorts) {
  const fromStream = async (records: readonly DynamoDBRecord[]): Promise<void> => {
    const commits: StreamRecord[] = [];
    const failed: CommitPlace[] = [];
    for (const image of records.flatMap(commitIn)) {
      try {
        commits.push(readStreamImage(image));
      } catch (error) {
        // One commit whose text cannot be read must not hold up its batch.
        observer.onTrouble(error, "reading a commit of the stream");
        failed.push(readPlace(image));
      }
    }
    for (const record of commits) observer.noteCommit(record, record.commit);
    for (const { tenant, session, commit } of await relay(commits))
      failed.push({ tenant, session, first: commit.first });
    if (failed.length === 0) return;
    observer.count("RelayRetries", failed.length);
    await retryLater(failed);
  };

  const again = async (body: string): Promise<boolean> => {
    const { first, ...rest } = JSON.parse(body) as CommitPlace;
    const key = parseSessionKey(rest);
    const [commit] = await log.readAfter(key, first - 1, 1);
    // Retention may have deleted the commits of a session that ended long ago.
    if (commit?.first !== first) return true;
    observer.noteCommit(key, commit);
    return (await relay([{ ...key, commit }])).length === 0;
  };

  return (event: DynamoDBStreamEvent | SQSEvent, context: Context): Promise<SQSBatchResponse> =>
    observer.invocation(context, {}, async () => {
      const failed: SQSRecord[] = [];
      const stream: DynamoDBRecord[] = [];
      for (const record of event.Records) {
        if (!("messageId" in record)) stream.push(record);
        else if (!(await succeeds(() => again(record.body), observer))) failed.push(record);
      }
      if (stream.length > 0) await fromStream(stream);
      const ids = failed.map(({ messageId }) => messageId);
      await returnSoon(failed, ids, "events");
      return batchResponse(ids);
    });
}

async function succeeds(work: () => Promise<boolean>, observer: Observer): Promise<boolean> {
  try {
    return await work();
  } catch (error) {
    observer.onTrouble(error, "relaying a commit again");
    return false;
  }
}

/** The item of a commit in a stream record; none in a removal or in an item of another kind. */
function commitIn({ eventName, dynamodb }: DynamoDBRecord): readonly ReturnType<typeof itemOfJson>[] {
  const image = dynamodb?.NewImage;
  if (eventName !== "INSERT" || image?.["kind"]?.S !== ItemKind.commit) return [];
  return [itemOfJson(image)];
}
