import { sessionKeyText } from "#core/ids.ts";
import type { DueSession, RetentionIndex } from "#ports/retention.ts";

/** When sessions are to be looked at, in memory. */
export function createMemoryRetentionIndex(): RetentionIndex {
  const notes = new Map<string, DueSession>();
  const nameOf = (due: DueSession): string => `${due.at} ${sessionKeyText(due)}`;
  return {
    note({ tenant, session }, at) {
      const due = { tenant, session, at };
      return Promise.resolve(void notes.set(nameOf(due), due));
    },
    async *due(now) {
      yield* [...notes.values()].filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
    },
    forget: (due) => Promise.resolve(void notes.delete(nameOf(due))),
  };
}
