import type { Mutation } from "./mutation.ts";

const BATCHES = "shared/runtime/relay/create-relay-batches.ts";

/** Mistakes with what the relay could not do at once. */
export const RELAY_MUTATIONS: readonly Mutation[] = [
  {
    name: "a task that is not sent again once its session has gone on",
    edits: [
      {
        file: "shared/runtime/relay/perform-directives.ts",
        text: "const orders = known.filter((order) => !hasArrived(commit, order));",
        by: "const orders = known.filter(() => (work.later ?? []).length === 0);",
      },
    ],
  },
  {
    name: "nothing is put aside for the retry queue",
    edits: [{ file: BATCHES, text: "failed.push(...left.map(refOf));", by: "void left.map(refOf);" }],
  },
  {
    name: "a retried commit has one more try",
    edits: [{ file: BATCHES, text: "left.has(refName(refOf(work))));", by: 'left.has(""));' }],
  },
  {
    name: "a session's row that leaves out commits of another batch",
    edits: [
      {
        file: "shared/runtime/relay/create-indexing.ts",
        text: "if (after >= before - 1) return known;",
        by: "if (after >= before - 2) return known;",
      },
    ],
  },
];
