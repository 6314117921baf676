import type {
  Context,
  DynamoDBRecord,
  DynamoDBStreamEvent,
  SQSBatchResponse,
  SQSEvent,
  SQSRecord,
} from "aws-lambda";
import { itemOfJson, readPlace } from "#aws/dynamo/log-items.ts";
import { ItemKind } from "#aws/names.ts";
import type { Observer } from "#aws/observe/observe.ts";
import { batchResponse } from "#aws/sqs/sqs-records.ts";
import type { ReturnSoon } from "#aws/sqs/sqs-returns.ts";
import { sessionKeyText } from "#core/ids.ts";
import { isTombstone } from "#core/session/tombstone.ts";
import type { Clock } from "#ports/clock.ts";
import type { SessionLog } from "#ports/session-log.ts";
import type { CommitPlace } from "#ports/queues.ts";
import type { Relay, RelayWork } from "#runtime/relay/relay-work.ts";
import { readCommitPlace } from "#runtime/relay/read-commit-place.ts";

export interface RelayRecordsPorts {
  readonly relay: Relay;
  readonly log: Pick<SessionLog, "readAfter">;
  /** Keeps the places of commits that are not done; gives back those that could not be kept. */
  readonly retryLater: (places: readonly CommitPlace[]) => Promise<readonly CommitPlace[]>;
  readonly returnSoon: ReturnSoon;
  readonly clock: Pick<Clock, "now">;
  readonly observer: Observer;
}

/**
 * Kept back of the function's time for the retry queue. Its requests go side by side: three tries of a second each, and once
 * more for what was refused, with the pauses between them.
 */
const KEEP_MS = 8_000;
/**
 * What subscribers and the bus may take of a batch's time: the next batch of the shard waits for this one, and with it its
 * deadlines. It is enough for a hundred commits of one session, one request each, at 20 ms; what is left has more time in the
 * retry queue, where nobody waits behind it.
 */
const OUTSIDE_MS = 2_000;

/**
 * Relays what the table's stream brings: of a record where its commit stands, and then what the log holds there. What is not done of
 * a commit goes to the retry queue, so that its shard never waits; from there the commit is read again by key. Only what that queue
 * does not take either is reported, and comes again from the stream.
 */
export function createRelayReceiver(ports: RelayRecordsPorts) {
  const { relay, log, retryLater, returnSoon, clock, observer } = ports;

  /** Gives the sequence numbers of records that are neither done nor kept. */
  const fromStream = async (
    records: readonly DynamoDBRecord[],
    endsAt: number,
  ): Promise<readonly string[]> => {
    const placed = records.flatMap(placesIn);
    const numbers = new Map(placed.map(({ place, number }) => [nameOf(place), number]));
    const failed: CommitPlace[] = [];
    const read = await Promise.all(
      ofSessions(placed.map(({ place }) => place)).map(async (places) => {
        try {
          return await readPlaces(places);
        } catch (error) {
          // A session whose commits cannot be read must not hold up its batch.
          observer.onTrouble(error, "reading commits of the stream");
          failed.push(...places);
          return [];
        }
      }),
    );
    const works = read.flat();
    for (const work of works) observer.noteCommit(work, work.commit);
    failed.push(...(await relay(works, { endsAt, outsideMs: OUTSIDE_MS })).map(placeOf));
    if (failed.length === 0) return [];
    observer.count("RelayRetries", failed.length);
    const lost = await retryLater(failed);
    return lost.map((place) => numbers.get(nameOf(place)) ?? "");
  };

  const readAgain = ({ body }: SQSRecord): Promise<RelayWork | undefined> =>
    readPlaced(readCommitPlace(body));

  /**
   * What the log holds there. Nothing where retention has deleted the commits of a session that ended long ago; where nobody ever wrote
   * one, the record is made up.
   */
  const readPlaced = async ({ first, left, again, ...key }: CommitPlace): Promise<RelayWork | undefined> => {
    const [commit] = await log.readAfter(key, first - 1, 1);
    if (commit?.first === first) return { ...key, commit, ...(left && { left }), ...(again && { again }) };
    if (commit === undefined || !isTombstone(commit.text)) {
      observer.count("MadeUpRecords");
      observer.onTrouble(
        new Error("The log has no such commit."),
        `commit ${first} of ${sessionKeyText(key)}`,
      );
    }
    return undefined;
  };

  /** The commits of one session, as the log holds them: a batch has them one after another as a rule. */
  const readPlaces = async (places: readonly CommitPlace[]): Promise<readonly RelayWork[]> => {
    const [oldest] = places;
    if (oldest === undefined || places.length === 1)
      return (await Promise.all(places.map(readPlaced))).flatMap((work) => work ?? []);
    const page = await log.readAfter(oldest, oldest.first - 1, places.length);
    const known = new Map(page.map((commit) => [commit.first, commit]));
    const works = await Promise.all(
      places.map(async (place) => {
        const commit = known.get(place.first);
        const { tenant, session } = place;
        return commit === undefined ? await readPlaced(place) : { tenant, session, commit };
      }),
    );
    return works.flatMap((work) => work ?? []);
  };

  /** Gives the messages that must come again. */
  const fromRetries = async (
    records: readonly SQSRecord[],
    endsAt: number,
  ): Promise<readonly SQSRecord[]> => {
    const failed: SQSRecord[] = [];
    const read = await Promise.all(
      records.map(async (record) => {
        try {
          return { record, work: await readAgain(record) };
        } catch (error) {
          observer.onTrouble(error, "relaying a commit again");
          failed.push(record);
          return { record, work: undefined };
        }
      }),
    );
    const works = read.flatMap(({ work }) => work ?? []);
    for (const work of works) observer.noteCommit(work, work.commit);
    // A commit may have been put aside twice.
    const left = new Set((await relay(works, { endsAt })).map((one) => nameOf(placeOf(one))));
    const again = read.filter(({ work }) => work !== undefined && left.has(nameOf(placeOf(work))));
    return [...failed, ...again.map(({ record }) => record)];
  };

  return (
    event: DynamoDBStreamEvent | SQSEvent,
    context: Pick<Context, "awsRequestId" | "getRemainingTimeInMillis">,
  ): Promise<SQSBatchResponse> =>
    observer.invocation(context, {}, async () => {
      const endsAt = clock.now() + context.getRemainingTimeInMillis() - KEEP_MS;
      const retries: SQSRecord[] = [];
      const stream: DynamoDBRecord[] = [];
      for (const record of event.Records) {
        if ("messageId" in record) retries.push(record);
        else stream.push(record);
      }
      if (stream.length > 0) return batchResponse(await fromStream(stream, endsAt));
      const failed = await fromRetries(retries, endsAt);
      const ids = failed.map(({ messageId }) => messageId);
      await returnSoon(failed, ids, "commits");
      return batchResponse(ids);
    });
}

const placeOf = ({ tenant, session, commit, left, again }: RelayWork): CommitPlace => ({
  tenant,
  session,
  first: commit.first,
  ...(left && { left }),
  ...(again && { again }),
});

const nameOf = (place: CommitPlace): string => `${sessionKeyText(place)} ${place.first}`;

interface Placed {
  readonly place: CommitPlace;
  /** Of the record in its shard. */
  readonly number: string;
}

/**
 * Where the commit of a stream record stands; none in a removal or in an item of another kind. Nothing else of it is believed: who may
 * invoke the function could have made it up.
 */
function placesIn({ eventName, dynamodb }: DynamoDBRecord): readonly Placed[] {
  const image = dynamodb?.NewImage;
  if (eventName !== "INSERT" || image?.["kind"]?.S !== ItemKind.commit) return [];
  return [{ place: readPlace(itemOfJson(image)), number: dynamodb?.SequenceNumber ?? "" }];
}

/** By session, the oldest first. */
function ofSessions(places: readonly CommitPlace[]): readonly (readonly CommitPlace[])[] {
  const sessions = new Map<string, CommitPlace[]>();
  for (const place of places) {
    const name = sessionKeyText(place);
    sessions.set(name, [...(sessions.get(name) ?? []), place]);
  }
  return [...sessions.values()].map((own) => own.toSorted((a, b) => a.first - b.first));
}
