import type { Mutation } from "./mutation.ts";

/** Mistakes in what agents at work are told. */
export const SIGNAL_MUTATIONS: readonly Mutation[] = [
  {
    name: "a signal that the door passes over",
    edits: [
      {
        file: "shared/runtime/doors/create-door.ts",
        text: "signals: signals.slice(after) };",
        by: "signals: signals.slice(after + 1) };",
      },
    ],
  },
  {
    name: "a signal that is not kept until its task is dispatched again",
    edits: [
      {
        file: "shared/core/session/signal/signalled-tasks.ts",
        text: 'phase.name !== "asked";',
        by: 'phase.name === "dispatched";',
      },
    ],
  },
];
