/** The longest that a request is held. */
export const MAX_WAIT_SECONDS = 60;

/**
 * What a request takes after its wait, at most: the last look for the reply may be tried three times, each for a second.
 */
const ANSWER_MS = 3_500;

/** Until when a request may wait that must be answered by `endsAt`. */
export const lastMoment = (endsAt = Infinity): number => endsAt - ANSWER_MS;

const WAIT = /^wait\s*=\s*"?(\d{1,9})"?\s*(?:;.*)?$/i;

/** The seconds that `Prefer` asks to wait (RFC 7240), at most 60; a preference that cannot be read is ignored. */
export function waitOf(prefer: string | undefined): number | undefined {
  for (const preference of (prefer ?? "").split(",")) {
    const seconds = WAIT.exec(preference.trim())?.[1];
    if (seconds !== undefined) return Math.min(Number(seconds), MAX_WAIT_SECONDS);
  }
  return undefined;
}
