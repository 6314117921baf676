import type { AttemptRef } from "#core/ids.ts";
import type { Clock } from "#ports/clock.ts";
import type { Heartbeats } from "#ports/agents.ts";

/** A beat is nobody's business any more when its attempt must be over: the longest task takes 15 minutes. */
const KEPT_MS = 3_600_000;

/** Heartbeats of one process, or of several that share it. */
export function createMemoryHeartbeats(clock: Pick<Clock, "now">): Heartbeats {
  const beats = new Map<string, number>();
  return {
    async beat(attempt, at) {
      const name = nameOf(attempt);
      // The last one heard of stands last, so that the first are the oldest.
      beats.delete(name);
      beats.set(name, at);
      for (const [oldest, since] of beats) {
        if (since > clock.now() - KEPT_MS) break;
        beats.delete(oldest);
      }
    },
    last: async (attempts) => attempts.map((attempt) => beats.get(nameOf(attempt))),
  };
}

const nameOf = ({ tenant, session, task, attempt }: AttemptRef): string =>
  [tenant, session, task, attempt].join("/");
