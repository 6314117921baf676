import type { SessionKey } from "#core/ids.ts";
import type { Json } from "#core/json.ts";
import { parseCommit } from "#core/session/codec.ts";
import type { Engine } from "./engine.ts";

export interface Reply {
  /** Sequence of the reply. */
  readonly sequence: number;
  readonly body: Json;
  /** The run failed or was cancelled; the body says why. */
  readonly failed: boolean;
}

const FIRST_PAUSE_MS = 20;
const STEADY_MS = 300;
const GROWTH = 1.5;
const LONGEST_PAUSE_MS = 250;
const PAGE = 25;

/**
 * Waits for the reply to the input at `sequence` by reading the commits after it. Gives `undefined` when the time is
 * over: the session goes on, and the reply will be in its log. `from` is the first sequence of the input's commit, which is
 * its own unless it came in a batch.
 */
export async function awaitReply(
  { log, clock }: Pick<Engine, "log" | "clock">,
  key: SessionKey,
  sequence: number,
  waitMs: number,
  from = sequence,
): Promise<Reply | undefined> {
  const start = clock.now();
  let after = from - 1;
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    const page = await log.readAfter(key, after, PAGE);
    for (const stored of page) {
      const reply = parseCommit(key, stored).events.find(
        (event) => event.type === "ReplySent" && event.data.to === sequence,
      );
      if (reply?.type === "ReplySent")
        return { sequence: reply.sequence, body: reply.data.body, failed: reply.data.failed ?? false };
      after = stored.last;
    }
    if (page.length === PAGE) continue;
    const waited = clock.now() - start;
    if (waited >= waitMs) return undefined;
    await clock.sleep(Math.min(pause, waitMs - waited));
    if (waited >= STEADY_MS) pause = Math.min(pause * GROWTH, LONGEST_PAUSE_MS);
  }
}
