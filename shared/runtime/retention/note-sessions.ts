import { givenTo, type ByTenant } from "#core/by-tenant.ts";
import type { SessionKey } from "#core/ids.ts";
import type { RetentionIndex } from "#ports/retention.ts";

/**
 * Notes each session when it begins, once: it is looked at when it could have ended at the earliest, and then noted anew. So
 * a session costs one note, and one more for each retention that it outlives; no step of it costs anything.
 */
export function createNoteSessions(index: Pick<RetentionIndex, "note">, times: ByTenant<number>) {
  return {
    async began(key: SessionKey, at: number): Promise<void> {
      const retentionMs = givenTo(times, key.tenant);
      // The same time however often the commit is relayed, and so the same entry.
      if (retentionMs !== undefined) await index.note(key, at + retentionMs);
    },
  };
}
