import { setTimeout as pause } from "node:timers/promises";
import type { Send, Sending } from "#client/signing/signed-fetch.ts";

const MAX_REPEATS = 60;
/** After a lost connection or a function that died; a busy session says itself how long. */
const PAUSE_SECONDS = 1;
/** What a gateway says of whoever stands behind it, and Lambda of what it throttles. */
const BROKEN: readonly number[] = [429, 502, 504];

/** Repeats a request for which the spine had no time, or whose answer was lost: an event's id makes it harmless. */
export async function askPatiently(send: Send, url: string, request: Sending = {}): Promise<Response> {
  for (let repeats = 0; ; repeats += 1) {
    const response = await send(url, request).catch((error: unknown) => {
      if (repeats === MAX_REPEATS) throw error;
      return undefined;
    });
    const seconds = response?.headers.get("retry-after");
    const isBusy = typeof seconds === "string" || BROKEN.includes(response?.status ?? 0);
    if (response !== undefined && (!isBusy || repeats === MAX_REPEATS)) return response;
    await response?.body?.cancel();
    await pause(Number(seconds ?? PAUSE_SECONDS) * 1_000);
  }
}
