import type { SessionKey } from "#core/ids.ts";
import type { SessionLog } from "#ports/session-log.ts";

/** From where the log is read by whoever has all events up to `after`: before the commit that holds it, if that has more. */
export async function commitStart(log: SessionLog, key: SessionKey, after: number): Promise<number> {
  const within = after > 0 ? (await log.readUpTo(key, after)).at(-1) : undefined;
  return within !== undefined && within.last > after ? within.first - 1 : after;
}
