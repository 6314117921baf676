import type { MemorySessionLog } from "#memory/memory-session-log.ts";

/**
 * Breaks the spine's deduplication from outside: with no window an id leaves the state at the next commit, and the log
 * then denies its marker. Whatever is sent again after that is new to the spine. The log itself stays whole.
 */
export const NO_ID_WINDOW = { idWindow: 0 };

export function forgetMarkers(log: MemorySessionLog): MemorySessionLog {
  return { ...log, readMarker: () => Promise.resolve(undefined) };
}
