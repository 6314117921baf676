import { FUNCTION_TIMEOUT_MS } from "#core/times.ts";
import type { Clock } from "#ports/clock.ts";
import type { StreamRecord } from "#ports/session-log.ts";
import type { StreamedRef, RelayBatches } from "#runtime/relay/create-relay-batches.ts";
import { refName, refOf } from "#runtime/relay/read-works.ts";

/** What not even the retry queue took comes again from the stream. */
const PAUSE_MS = 50;

/** Hands each commit to the relay as it is appended, in order: where it stands, as a table's stream does. */
export function relayStream(
  log: { onAppend(listener: (record: StreamRecord) => void): void },
  relay: RelayBatches,
  clock: Clock,
  track: <T>(work: Promise<T>) => Promise<T>,
): void {
  const waiting: StreamedRef[] = [];
  let relaying = false;
  const run = async () => {
    relaying = true;
    while (waiting.length > 0) {
      const records = waiting.splice(0);
      const again = new Set(await relay.stream(records, clock.now() + FUNCTION_TIMEOUT_MS.relay));
      if (again.size === 0) continue;
      waiting.unshift(...records.filter(({ id }) => again.has(id)));
      await clock.sleep(PAUSE_MS);
    }
    relaying = false;
  };
  log.onAppend((record) => {
    const ref = refOf(record);
    waiting.push({ id: refName(ref), ref });
    if (!relaying) void track(run());
  });
}
