import { setTimeout as sleep } from "node:timers/promises";
import { isSpineError } from "#core/errors.ts";
import type { AnswerResult } from "#core/session/task-messages.ts";

/** Others may advance the session at the same moment; so many tries take about ten seconds. */
const TRIES = 8;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 3_000;

/** Tries again while others are at the session, or the spine says that it cannot just now. */
export async function untilTaken(
  send: () => Promise<AnswerResult>,
  pause: (ms: number) => Promise<unknown> = sleep,
): Promise<AnswerResult> {
  for (let tried = 1; ; tried += 1) {
    const isLast = tried === TRIES;
    try {
      const result = await send();
      if (result.type !== "busy" || isLast) return result;
    } catch (error) {
      // A door that cannot be invoked is most often one that may not be.
      if (isLast || !isSpineError(error) || !error.retryable || error.code === "internal") throw error;
    }
    await pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tried - 1)));
  }
}
