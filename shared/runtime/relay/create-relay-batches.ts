import { grouped } from "#core/grouped.ts";
import { sessionKeyText } from "#core/ids.ts";
import type { CommitPlace, RelayRetries } from "#ports/queues.ts";
import { placeName, placeOf, readWork, readWorks, type WorkReading } from "./read-works.ts";
import { readCommitPlace } from "./read-commit-place.ts";
import type { Relay, RelayWork } from "./relay-work.ts";

/** A record of the log's stream: where a commit stands. What else it says is not believed. */
export interface PlacedRecord {
  readonly id: string;
  readonly place: CommitPlace;
}

/** A message of the retry queue. */
export interface RetryMessage {
  readonly id: string;
  readonly body: string;
}

export interface RelayBatchesPorts extends WorkReading {
  readonly relay: Relay;
  readonly retries: RelayRetries;
  /** Told of each commit that is relayed. */
  readonly onWork?: (work: RelayWork) => void;
  /** Told how many commits of the stream went on to the retry queue. */
  readonly onRetry?: (commits: number) => void;
  readonly onTrouble?: (error: unknown, what: string) => void;
}

/** Takes batches until the function ends, ms since the epoch, and gives the ids of what must come again. */
export interface RelayBatches {
  stream(records: readonly PlacedRecord[], functionEndsAt: number): Promise<readonly string[]>;
  retries(messages: readonly RetryMessage[], functionEndsAt: number): Promise<readonly string[]>;
}

/**
 * Kept back of the function's time for the retry queue. Its requests go side by side: three tries of a second each, and once
 * more for what was refused, with the pauses between them.
 */
export const KEEP_MS = 8_000;
/**
 * What subscribers and the bus may take of a batch's time: the next batch of the shard waits for this one, and with it its
 * deadlines. It is enough for a hundred commits of one session, one request each, at 20 ms; what is left has more time in the
 * retry queue, where nobody waits behind it.
 */
export const OUTSIDE_MS = 2_000;
/** What failed a moment ago would fail again now. */
export const RETRY_SECONDS = 2;

/**
 * Relays what the log's stream brings: of a record where its commit stands, and then what the log holds there. What is not done of
 * a commit goes to the retry queue, so that its shard never waits; from there the commit is read again by key. Only what that queue
 * does not take either is given back, and comes again from the stream.
 */
export function createRelayBatches(ports: RelayBatchesPorts): RelayBatches {
  const { relay, retries, onWork, onRetry, onTrouble } = ports;

  return {
    async stream(records, functionEndsAt) {
      const failed: CommitPlace[] = [];
      const read = await Promise.all(
        bySession(records.map(({ place }) => place)).map(async (places) => {
          try {
            return await readWorks(ports, places);
          } catch (error) {
            // A session whose commits cannot be read must not hold up its batch.
            onTrouble?.(error, "reading commits of the stream");
            failed.push(...places);
            return [];
          }
        }),
      );
      const works = read.flat();
      for (const work of works) onWork?.(work);
      const left = await relay(works, { endsAt: functionEndsAt - KEEP_MS, outsideMs: OUTSIDE_MS });
      failed.push(...left.map(placeOf));
      if (failed.length === 0) return [];
      onRetry?.(failed.length);
      const lost = new Set((await retries.keep(failed, RETRY_SECONDS)).map(placeName));
      return records.filter(({ place }) => lost.has(placeName(place))).map(({ id }) => id);
    },

    async retries(messages, functionEndsAt) {
      const failed: string[] = [];
      const read = await Promise.all(
        messages.map(async ({ id, body }) => {
          try {
            return { id, work: await readWork(ports, readCommitPlace(body)) };
          } catch (error) {
            onTrouble?.(error, "relaying a commit again");
            failed.push(id);
            return { id, work: undefined };
          }
        }),
      );
      const works = read.flatMap(({ work }) => work ?? []);
      for (const work of works) onWork?.(work);
      const undone = await relay(works, { endsAt: functionEndsAt - KEEP_MS });
      // A commit may have been put aside twice.
      const left = new Set(undone.map((work) => placeName(placeOf(work))));
      const again = read.filter(({ work }) => work !== undefined && left.has(placeName(placeOf(work))));
      return [...failed, ...again.map(({ id }) => id)];
    },
  };
}

/** By session, the oldest first. */
const bySession = (places: readonly CommitPlace[]): readonly (readonly CommitPlace[])[] =>
  [...grouped(places, sessionKeyText).values()].map((own) => own.toSorted((a, b) => a.first - b.first));
