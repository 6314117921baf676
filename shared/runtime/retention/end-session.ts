import type { SessionKey } from "#core/ids.ts";
import { serializeTombstone, TOMBSTONE_MS, type Tombstone } from "#core/session/tombstone.ts";
import type { SessionLog } from "#ports/session-log.ts";
import type { LoadedSession } from "../session/load-session.ts";

/**
 * Puts a tombstone at the end of a session as it was read, unless somebody was faster. `erased` is why an operator wants it,
 * where it is not the retention that ends it.
 */
export async function endSession(
  log: Pick<SessionLog, "append">,
  { tenant, session }: SessionKey,
  { state, hash }: LoadedSession,
  now: number,
  erased?: string,
): Promise<Tombstone | undefined> {
  const first = state.sequence + 1;
  const tombstone: Tombstone = {
    tenant,
    session,
    first,
    previous: hash,
    endedAt: state.time,
    expiredAt: now,
    until: now + TOMBSTONE_MS,
    ...(erased !== undefined && { erased }),
    ...(state.forks !== undefined && { forks: state.forks }),
  };
  const stored = { first, last: first, text: serializeTombstone(tombstone), snapshot: true };
  return (await log.append({ tenant, session }, stored)) === "conflict" ? undefined : tombstone;
}
