import { isoTime } from "#core/session/iso-time.ts";
import type { Clock } from "#ports/clock.ts";
import type { LetterBox } from "#ports/blobs.ts";
import { Mark, markKey, NOTHING, parkedKey, type LetterName } from "./letter-name.ts";

/** Notes what became of letters. */
export interface Filing {
  mark(name: LetterName, mark: Exclude<Mark, "body">, note: Readonly<Record<string, string>>): Promise<void>;
  /** Only an operator can move it on now. */
  park(name: LetterName, cause: string): Promise<void>;
  /** Its session is gone; with one that was erased goes what the letter said. */
  expire(name: LetterName, how: "expired" | "erased"): Promise<void>;
}

export function createFiling({
  box,
  clock,
}: {
  readonly box: LetterBox;
  readonly clock: Pick<Clock, "now">;
}): Filing {
  const mark: Filing["mark"] = (name, what, note) =>
    box.put(markKey(name, what), JSON.stringify({ at: isoTime(clock.now()), ...note }));
  return {
    mark,
    async park(name, cause) {
      await box.put(parkedKey(name), NOTHING);
      await mark(name, Mark.parked, { cause });
    },
    async expire(name, how) {
      if (how === "erased") await box.remove(markKey(name, Mark.body));
      await mark(name, Mark.expired, {});
    },
  };
}
