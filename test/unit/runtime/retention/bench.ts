import { createMemoryDeliveryProgress } from "#memory/memory-delivery-progress.ts";
import { createMemoryRetentionIndex } from "#memory/memory-retention-index.ts";
import { createMemorySessionKeys } from "#memory/memory-session-keys.ts";
import type { ExpiringBlobs, ExpiringLog } from "#ports/retention.ts";
import { createNoteSessions } from "#runtime/retention/note-sessions.ts";
import { PURGE_AFTER_MS, createSweep, type SweepPorts } from "#runtime/retention/create-sweep.ts";
import { createMemoryBlobs } from "#memory/memory-blobs.ts";
import { createBench, digest, KEY, type BenchOptions } from "../engine.ts";

export const RETENTION_MS = 30 * 86_400_000;
export { PURGE_AFTER_MS };

/** A bench with a sweep on its log. */
export function createSweepBench(options: BenchOptions = {}) {
  const blobs: ExpiringBlobs = createMemoryBlobs();
  const bench = createBench({ ...options, ports: (memory) => ({ blobs, ...options.ports?.(memory) }) });
  const index = createMemoryRetentionIndex();
  const keys = createMemorySessionKeys();
  const progress = createMemoryDeliveryProgress();
  const times = { [KEY.tenant]: RETENTION_MS };
  const sweepWith = (ports: Partial<SweepPorts> = {}) =>
    createSweep({
      log: bench.log as ExpiringLog,
      blobs,
      keys,
      progress,
      digest,
      index,
      clock: bench.clock,
      times,
      onTrouble: (_error, what) => void bench.troubles.push(what),
      ...ports,
    })(Infinity);
  const noted = async (): Promise<readonly number[]> => {
    const found: number[] = [];
    for await (const { at } of index.due(Infinity)) found.push(at);
    return found;
  };
  return {
    ...bench,
    blobs,
    keys,
    progress,
    index,
    noted,
    sweepWith,
    notes: createNoteSessions(index, times),
  };
}
