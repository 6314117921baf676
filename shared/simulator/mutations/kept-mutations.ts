import type { Mutation } from "./mutation.ts";

const REDUCERS = "shared/core/session/evolve/kept-reducers.ts";
const KEPT = "shared/core/session/decide/kept.ts";

/** Mistakes by which an event that no step waits for yet would be lost. */
export const KEPT_MUTATIONS: readonly Mutation[] = [
  {
    name: "kept event dropped",
    edits: [
      {
        file: REDUCERS,
        text: "kept: [...(state.kept ?? []), { sequence: event, type, data, runs }]",
        by: "kept: [...(state.kept ?? []), { sequence: event, type, data, runs }].slice(1)",
      },
    ],
  },
  {
    name: "an event is ignored that a run waits for later",
    edits: [
      {
        file: "shared/core/session/decide/awaiting.ts",
        text: 'return state === undefined && node.event === type ? "waits" : "none";',
        by: 'return "none";',
      },
    ],
  },
  {
    name: "what no wait took ends without a word",
    edits: [{ file: KEPT, text: "if (runs.length === 0) emit(draft", by: "if (runs.length < 0) emit(draft" }],
  },
  {
    name: "one payment taken by two that take first",
    edits: [
      {
        file: KEPT,
        text: "return satisfied.filter((place) => place === first || !takesFirst(place));",
        by: "return first === undefined ? satisfied : [...satisfied];",
      },
    ],
  },
  {
    name: "a kept payment taken by two that take first",
    edits: [{ file: KEPT, text: "if (event.first && takesFirst(place))", by: "if (event.first === null)" }],
  },
  {
    name: "the last of those that take first is paid",
    edits: [{ file: KEPT, text: "satisfied.find(takesFirst);", by: "satisfied.findLast(takesFirst);" }],
  },
];
