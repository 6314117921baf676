import { isSpineError } from "#core/errors.ts";
import type { SessionKey } from "#core/ids.ts";
import { readTombstone, type Tombstone } from "#core/session/tombstone.ts";
import type { SessionStores } from "../letters/look-up.ts";
import { loadSession, type LoadedSession } from "../session/load-session.ts";

/** The session as its newest commits tell it, or the tombstone that stands there. */
export async function readEnd(stores: SessionStores, key: SessionKey): Promise<LoadedSession | Tombstone> {
  try {
    return await loadSession(stores, key);
  } catch (error) {
    if (!isSpineError(error, "session.expired")) throw error;
    const found = readTombstone(key, (await stores.log.readTail(key)).at(-1)?.text ?? "");
    if (found === undefined) throw error;
    return found;
  }
}

export const isTombstone = (end: LoadedSession | Tombstone): end is Tombstone => "expiredAt" in end;
