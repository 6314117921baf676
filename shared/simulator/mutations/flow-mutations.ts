import type { Mutation } from "./mutation.ts";

/** Mistakes with flows that stand apart from the logs that name them. */
export const FLOW_MUTATIONS: readonly Mutation[] = [
  {
    name: "hash not stored before it is named",
    edits: [
      {
        file: "shared/runtime/session/advance-session.ts",
        text: "        await known.put(namedFlows(commit.content, book));\n",
        by: "",
      },
      {
        file: "shared/runtime/session/advance-session.ts",
        text: "        // 5. Perform what the commit orders.\n",
        by: "        await known.put(namedFlows(commit.content, book));\n",
      },
    ],
  },
];
