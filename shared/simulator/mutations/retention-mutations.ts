import type { Mutation } from "./mutation.ts";

const SWEEP = "shared/runtime/retention/create-sweep.ts";

/** Mistakes by which a session would be lost with its commits, or begin anew. */
export const RETENTION_MUTATIONS: readonly Mutation[] = [
  {
    name: "tombstone after the deletion",
    edits: [
      {
        file: SWEEP,
        text: "const tombstone = await endSession(log, key, found, now);",
        by: "await purge(ports, { ...key, first: state.sequence + 1 } as Tombstone);\n    const tombstone = await endSession(log, key, found, now);",
      },
      {
        file: "shared/memory/memory-session-log.ts",
        text: "if (stands?.first !== tombstone || !isTombstone(stands.text))",
        by: "if (stands === null)",
      },
    ],
  },
  {
    name: "a tombstone on a session that waits",
    edits: [
      {
        file: "shared/core/session/tombstone.ts",
        text: "(isIdle(state) ? state.time : Math.max(state.time, now)) + retentionMs",
        by: "(isIdle(state) ? state.time : state.time) + retentionMs",
      },
    ],
  },
  {
    name: "a tombstone that goes with the rest",
    edits: [
      {
        file: SWEEP,
        text: "await purge(ports, tombstone);\n    await index.forget(due);",
        by: "await purge({ ...ports, log: { ...log, removeCommits: (key, at, firsts) => log.removeCommits(key, at, [...firsts, at]) } }, tombstone);\n    await index.forget(due);",
      },
      {
        file: "shared/memory/memory-session-log.ts",
        text: "if (first < tombstone) commits?.remove(first);",
        by: "commits?.remove(first);",
      },
    ],
  },
];
