/** The longest that a request is held. */
export const MAX_WAIT_SECONDS = 60;

const WAIT = /^wait\s*=\s*"?(\d{1,9})"?\s*(?:;.*)?$/i;

/** The seconds that `Prefer` asks to wait (RFC 7240), at most 60; a preference that cannot be read is ignored. */
export function waitOf(prefer: string | undefined): number | undefined {
  for (const preference of (prefer ?? "").split(",")) {
    const seconds = WAIT.exec(preference.trim())?.[1];
    if (seconds !== undefined) return Math.min(Number(seconds), MAX_WAIT_SECONDS);
  }
  return undefined;
}
