import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import { isoTime } from "#core/session/iso-time.ts";
import type { LetterBox } from "#ports/blobs.ts";
import { dayPrefix, Mark, readMarkKey } from "../letters/letter-name.ts";

const DAY_MS = 86_400_000;
/** Letters are kept for 45 days; a message may be sent a moment before midnight. */
const DAYS = 46;
const MAX_KEYS = 1_000;

/** Removes the bodies of a session's letters; what became of them stays. Reads all letters' keys for it. */
export async function eraseLetters(box: LetterBox, key: SessionKey, now: number): Promise<number> {
  const owner = sessionKeyText(key);
  let erased = 0;
  for (let back = 0; back < DAYS; back += 1) {
    const prefix = dayPrefix(isoTime(now - back * DAY_MS).slice(0, 10));
    for (let after: string | undefined; ;) {
      const keys = await box.list(prefix, MAX_KEYS, after);
      for (const listed of keys) {
        const { name, mark } = readMarkKey(listed);
        if (mark !== Mark.body || name.key === undefined || sessionKeyText(name.key) !== owner) continue;
        await box.remove(listed);
        erased += 1;
      }
      after = keys.at(-1);
      if (keys.length < MAX_KEYS) break;
    }
  }
  return erased;
}
