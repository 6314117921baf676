import type { Mutation } from "./mutation.ts";

/** Mistakes with what a process keeps of the sessions that it advanced. */
export const CACHE_MUTATIONS: readonly Mutation[] = [
  {
    name: "verdict without a read",
    edits: [
      {
        file: "shared/runtime/session/advance-session.ts",
        text: "if (session.cached && batch.decided.inputs.length < inputs.length) {",
        by: "if (session.cached && batch.decided.inputs.length > inputs.length) {",
      },
    ],
  },
  {
    name: "cache outlives the purge",
    edits: [
      {
        file: "shared/runtime/session/session-cache.ts",
        text: "export const MAX_STATE_AGE_MS = 300_000;",
        by: "export const MAX_STATE_AGE_MS = 300_000_000;",
      },
    ],
  },
];
