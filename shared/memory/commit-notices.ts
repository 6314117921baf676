import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import type { Clock } from "#ports/clock.ts";
import type { CommitNotices, CommitWait, StreamRecord } from "#ports/session-log.ts";

export interface MemoryCommitNotices extends CommitNotices {
  /** A commit was appended. */
  appended(record: StreamRecord): void;
}

/** Wakes those who wait for a session's next commit, in the process of the log. */
export function createCommitNotices(clock: Pick<Clock, "now" | "alarm">): MemoryCommitNotices {
  const waiting = new Map<string, Set<() => void>>();

  const listen = (key: SessionKey): CommitWait => {
    const name = sessionKeyText(key);
    const own = waiting.get(name) ?? new Set();
    waiting.set(name, own);
    let came = false;
    let wake: (() => void) | undefined;
    const told = () => {
      came = true;
      wake?.();
    };
    own.add(told);
    return {
      within: (ms) =>
        new Promise((resolve) => {
          if (came) return resolve();
          const alarm = clock.alarm(clock.now() + ms);
          wake = () => {
            alarm.cancel();
            resolve();
          };
          alarm.signal.addEventListener("abort", () => resolve(), { once: true });
        }),
      stop: () => {
        own.delete(told);
        if (own.size === 0 && waiting.get(name) === own) waiting.delete(name);
      },
    };
  };

  return {
    listen,
    appended: (record) => {
      for (const told of waiting.get(sessionKeyText(record)) ?? []) told();
    },
  };
}
