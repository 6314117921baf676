import type { Mutation } from "./mutation.ts";

const PERFORM = "shared/runtime/session/perform.ts";
const HAND_OVER = "shared/core/session/decide/hand-over.ts";
const RELAY = "shared/runtime/relay/perform-directives.ts";

/** Mistakes with tasks that are handed to the host of an agent of their group. */
export const GROUP_MUTATIONS: readonly Mutation[] = [
  {
    name: "handed over and sent again",
    edits: [
      {
        file: PERFORM,
        text: "const queued = messages.filter(({ handedBy }) => handedBy === undefined);",
        by: "const queued = messages;",
      },
    ],
  },
  {
    name: "handed over past the invocation's time",
    edits: [
      {
        file: HAND_OVER,
        text: "if (deadline - draft.now > hand.withinMs) return undefined;",
        by: "",
      },
    ],
  },
  {
    name: "handed to the host of another group",
    edits: [
      {
        file: HAND_OVER,
        text: "contract.group !== hand.group || ",
        by: "",
      },
    ],
  },
  {
    name: "what nobody began is not sent",
    edits: [
      {
        file: RELAY,
        text: "if (left.length > 0) await engine.dispatch.send(await taskMessages(engine, commit, left));",
        by: "void left;",
      },
    ],
  },
];
