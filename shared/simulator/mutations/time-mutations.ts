import type { Mutation } from "./mutation.ts";

/** Mistakes by which what comes too late would count, or what is over would go on. */
export const TIME_MUTATIONS: readonly Mutation[] = [
  {
    name: "a late answer counts while no timer has fired",
    edits: [
      {
        file: "shared/core/session/decide/answers.ts",
        text: 'return acceptedAt < due ? { acceptedAt } : "late";',
        by: "return { acceptedAt };",
      },
    ],
  },
  {
    name: "a person's late answer counts while no timer has fired",
    edits: [
      {
        file: "shared/core/session/decide/event-inputs.ts",
        text: "if (draft.now >= dueAt && goesByTime(draft)) {",
        by: "if (draft.now >= dueAt + 86_400_000 && goesByTime(draft)) {",
      },
    ],
  },
  {
    name: "a deadline that goes no further once no task is under way",
    edits: [
      {
        file: "shared/runtime/letters/create-recovery.ts",
        text: "return !hasDeadlineWork(state, at, Math.max(clock.now(), state.time));",
        by: "return Object.keys(state.tasks).length === 0 || !hasDeadlineWork(state, at, clock.now());",
      },
    ],
  },
  {
    name: "a timer that reads no heartbeats",
    edits: [
      {
        file: "shared/runtime/session/gather-seen.ts",
        text: "return { heartbeats: Object.fromEntries(heard) };",
        by: "return { heartbeats: {} };",
      },
    ],
  },
  {
    name: "an agent that is not told that its answer counts no longer",
    edits: [
      {
        file: "shared/runtime/agents/start-beating.ts",
        text: "if (!go) return onEnded();",
        by: "if (!go) return;",
      },
    ],
  },
];
