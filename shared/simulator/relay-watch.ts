import type { CommitRef } from "#ports/queues.ts";
import { refName, refOf } from "#runtime/relay/read-works.ts";
import { createIndexing } from "#runtime/relay/create-indexing.ts";
import type { SummaryCache } from "#runtime/relay/summary-cache.ts";
import { createRelay, type RelayPorts } from "#runtime/relay/create-relay.ts";
import { createRelayBatches, type RelayBatches } from "#runtime/relay/create-relay-batches.ts";
import type { Relay, RelayWork } from "#runtime/relay/relay-work.ts";
import type { StreamRecord } from "#ports/session-log.ts";
import type { Records } from "./observations.ts";
import type { WorkerView } from "./ports.ts";
import type { TimerWatch } from "./timer-watch.ts";

/** Follows what the relay does of each commit, and what it puts aside. */
export class RelayWatch {
  readonly #records: Records;
  readonly #timers: TimerWatch;
  readonly #now: () => number;
  /** Commits of the present table that wait in the retry queue: messages of an earlier one say nothing of what it holds. */
  readonly #aside = new Set<string>();

  constructor(records: Records, timers: TimerWatch, now: () => number) {
    this.#records = records;
    this.#timers = timers;
    this.#now = now;
  }

  /** The relay, of which it is seen what it has done. */
  watch(relay: Relay): Relay {
    return async (works, times) => {
      const left = await relay(works, times);
      const undone = new Set(left.map(({ commit }) => commit));
      for (const work of works) if (!undone.has(work.commit)) this.#relayed(work);
      return left;
    };
  }

  /** They go to the retry queue. */
  aside(refs: readonly CommitRef[]): void {
    for (const ref of refs) {
      this.#records.of(ref.session).retried.add(ref.first);
      this.#aside.add(refName(ref));
    }
  }

  /** The table begins anew. */
  forget(): void {
    this.#aside.clear();
  }

  #relayed(work: RelayWork): void {
    const { session, commit, left } = work;
    if (left !== undefined && !this.#aside.has(refName(refOf(work)))) return;
    const record = this.#records.of(session);
    const entry = record.appended.find(({ stored }) => stored.first === commit.first);
    if (entry === undefined) return;
    record.relayed.set(commit.first, this.#now());
    this.#timers.relayed(entry.stored);
  }
}

/** The deployed relay, of which it is seen what it has done, on what one worker stands on. */
export function createSimRelay(
  { sealing, ...own }: WorkerView,
  { cache, ...notes }: Pick<RelayPorts, "retention"> & { readonly cache: SummaryCache | undefined },
  watch: RelayWatch,
): RelayBatches {
  const open = async (record: StreamRecord): Promise<StreamRecord> => {
    const text = await sealing?.open(record, record.commit.text);
    return { ...record, commit: { ...record.commit, text: text ?? record.commit.text } };
  };
  const { onTrouble } = own.engine;
  const { readAfter, readings } = own.ordered.log;
  const indexing = createIndexing({
    index: own.index,
    log: { readAfter, readings },
    ...(cache !== undefined && { cache }),
  });
  const relay = createRelay(own.engine, {
    ...own,
    ...notes,
    indexing,
    ...(sealing !== undefined && { open }),
  });
  return createRelayBatches({
    relay: watch.watch(relay),
    log: own.ordered.log,
    retries: own.retries,
    ...(onTrouble !== undefined && { onTrouble }),
  });
}
