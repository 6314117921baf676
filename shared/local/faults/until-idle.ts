import { setImmediate as turn, setTimeout as pause } from "node:timers/promises";
import type { LocalCloud } from "../cloud.ts";

type IdleCloud = Pick<LocalCloud, "running" | "messages" | "nextMessageAt" | "clock">;

const LOOK_MS = 3;
/** More than any session needs: whoever moves time so often waits for what never comes. */
const MOST_SKIPS = 500;

/**
 * Lets everything come to its end. While something runs, time is the machine's; when all that is left waits for time to
 * pass, it is moved ahead to the next message that shows. Throws when messages stay for ever.
 */
export async function untilIdle(cloud: IdleCloud): Promise<void> {
  for (let skips = 0; skips < MOST_SKIPS;) {
    await turn();
    if (cloud.running() > 0) {
      await pause(LOOK_MS);
      continue;
    }
    if (cloud.messages().length === 0) return;
    const next = cloud.nextMessageAt();
    if (next === undefined) break;
    skips += 1;
    cloud.clock.skipTo(next);
  }
  const left = cloud.messages().map(({ queue, ...counts }) => `${queue} ${JSON.stringify(counts)}`);
  throw new Error(`These queues do not become idle: ${left.join(", ")}.`);
}
