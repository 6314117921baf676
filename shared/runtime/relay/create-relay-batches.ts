import { START_BOUND_MS } from "#core/flow/bounds.ts";
import { grouped } from "#core/grouped.ts";
import { sessionKeyText } from "#core/ids.ts";
import type { CommitRef, RelayRetries } from "#ports/queues.ts";
import { refName, refOf, readWork, readWorks, type WorkReading } from "./read-works.ts";
import { parseCommitRef } from "./parse-commit-ref.ts";
import type { Relay, RelayWork } from "./relay-work.ts";

/** A record of the log's stream: where a commit stands. What else it says is not believed. */
export interface StreamedRef {
  readonly id: string;
  readonly ref: CommitRef;
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
  stream(records: readonly StreamedRef[], functionEndsAt: number): Promise<readonly string[]>;
  retries(messages: readonly RetryMessage[], functionEndsAt: number): Promise<readonly string[]>;
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
/** What failed a moment ago would fail again now; and what was handed over must have begun by then. */
export const RETRY_SECONDS = Math.ceil(START_BOUND_MS / 1_000);

/**
 * Relays what the log's stream brings: of a record where its commit stands, and then what the log holds there. What is not done of
 * a commit goes to the retry queue, so that its shard never waits; from there the commit is read again by key. Only what that queue
 * does not take either is given back, and comes again from the stream.
 */
export function createRelayBatches(ports: RelayBatchesPorts): RelayBatches {
  const { relay, retries, onWork, onRetry, onTrouble } = ports;

  return {
    async stream(records, functionEndsAt) {
      const failed: CommitRef[] = [];
      const read = await Promise.all(
        bySession(records.map(({ ref }) => ref)).map(async (refs) => {
          try {
            return await readWorks(ports, refs);
          } catch (error) {
            // A session whose commits cannot be read must not hold up its batch.
            onTrouble?.(error, "reading commits of the stream");
            failed.push(...refs);
            return [];
          }
        }),
      );
      const works = read.flat();
      for (const work of works) onWork?.(work);
      const left = await relay(works, { endsAt: functionEndsAt - KEEP_MS, outsideMs: OUTSIDE_MS });
      failed.push(...left.map(refOf));
      if (failed.length === 0) return [];
      onRetry?.(failed.filter((ref) => !onlyWaits(ref)).length);
      const lost = new Set((await retries.keep(failed, RETRY_SECONDS)).map(refName));
      return records.filter(({ ref }) => lost.has(refName(ref))).map(({ id }) => id);
    },

    async retries(messages, functionEndsAt) {
      const failed: string[] = [];
      const read = await Promise.all(
        messages.map(async ({ id, body }) => {
          try {
            return { id, work: await readWork(ports, parseCommitRef(body)) };
          } catch (error) {
            onTrouble?.(error, "relaying a commit from the retry queue");
            failed.push(id);
            return { id, work: undefined };
          }
        }),
      );
      const works = read.flatMap(({ work }) => work ?? []);
      for (const work of works) onWork?.(work);
      const undone = await relay(works, { endsAt: functionEndsAt - KEEP_MS });
      // A commit may have been put aside twice.
      const left = new Set(undone.map((work) => refName(refOf(work))));
      const again = read.filter(({ work }) => work !== undefined && left.has(refName(refOf(work))));
      return [...failed, ...again.map(({ id }) => id)];
    },
  };
}

/** Whether nothing failed of it: its hand-over is looked at when it should have begun. */
const onlyWaits = ({ left }: CommitRef): boolean => left?.length === 1 && left[0] === "hand-over";

/** By session, the oldest first. */
const bySession = (refs: readonly CommitRef[]): readonly (readonly CommitRef[])[] =>
  [...grouped(refs, sessionKeyText).values()].map((own) => own.toSorted((a, b) => a.first - b.first));
