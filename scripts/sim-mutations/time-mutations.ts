import type { Mutation } from "./mutation.ts";

/** Mistakes by which what comes too late would count. */
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
        file: "shared/core/session/decide/events.ts",
        text: "if (draft.now >= dueAt && goesByTime(draft)) {",
        by: "if (draft.now >= dueAt + 86_400_000 && goesByTime(draft)) {",
      },
    ],
  },
];
