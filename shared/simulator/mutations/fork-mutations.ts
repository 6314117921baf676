import type { Mutation } from "./mutation.ts";

const SESSION = "shared/runtime/session/fork-session.ts";

/** Mistakes in beginning a session with what another one had. */
export const FORK_MUTATIONS: readonly Mutation[] = [
  {
    name: "what is left of a wait counted from the commit before",
    edits: [
      {
        file: "shared/core/session/fold.ts",
        text: "return { ...within, time: Math.max(before.time, commit.seen.now) };",
        by: "return within;",
      },
    ],
  },
  {
    name: "a fork that its origin's log does not name",
    edits: [{ file: SESSION, text: "check(await advance(key, [note], patience));", by: "" }],
  },
  {
    name: "a fork begun with the newest state",
    edits: [
      {
        file: SESSION,
        text: "const state = await reader.stateAt(key, at);",
        by: "const state = await reader.current(key);",
      },
    ],
  },
];
