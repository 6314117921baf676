import { isSpineError } from "#core/errors.ts";
import type { SessionKey } from "#core/ids.ts";
import type { Engine } from "../session/engine.ts";
import { loadSession } from "../session/load-session.ts";
import { letterSource, messageIdOf, type LetterName } from "./letter-name.ts";

/** What it takes to read sessions. */
export type SessionStores = Pick<Engine, "log" | "blobs" | "digest">;

/**
 * Whether a letter's session has recorded it. Of one whose log cannot be folded nobody knows, and of one that is `newer` a
 * version that reads its form will; one of which only a tombstone
 * is left wants to know of no letter any more, and of one that was erased none may be kept.
 */
export async function lookUp(
  stores: SessionStores,
  key: SessionKey,
  name: LetterName,
): Promise<"recorded" | "missing" | "unreadable" | "newer" | "expired" | "erased"> {
  try {
    const { state } = await loadSession(stores, key);
    const [source, id] = [letterSource(name.queue), messageIdOf(name)];
    if (state.ids.some((known) => known.source === source && known.id === id)) return "recorded";
    const marker = state.evicted ? await stores.log.readMarker(key, source, id) : undefined;
    return marker === undefined ? "missing" : "recorded";
  } catch (error) {
    if (isSpineError(error, "session.unreadable")) return "unreadable";
    if (isSpineError(error, "log.other-version")) return "newer";
    if (isSpineError(error, "session.expired"))
      return error.details["erased"] === true ? "erased" : "expired";
    throw error;
  }
}
