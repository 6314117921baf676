import type { Mutation } from "./mutation.ts";

const EVENT_VALUES = "shared/core/session/personal/event-values.ts";
const VALUE_PARTS = "shared/core/session/personal/value-parts.ts";
const COMMIT_VALUES = "shared/core/session/personal/commit-values.ts";
const FOLLOW = "shared/core/session/personal/follow.ts";

/** Mistakes by which somebody reads a personal value who may not. */
export const SEALING_MUTATIONS: readonly Mutation[] = [
  {
    name: "a reply stored in plain",
    edits: [{ file: EVENT_VALUES, text: ": result(data.body, REPLY),", by: ": data.body," }],
  },
  {
    name: "words of errors stored in plain",
    edits: [
      {
        file: VALUE_PARTS,
        text: "message: text(data.error.message)",
        by: "message: (text, data.error.message)",
      },
    ],
  },
  {
    name: "a snapshot stored in plain",
    edits: [
      {
        file: COMMIT_VALUES,
        text: '"blob" in snapshot ? snapshot : stateValues(snapshot, personal)',
        by: '"blob" in snapshot || personal ? snapshot : snapshot',
      },
    ],
  },
  {
    name: "a view stored in plain",
    edits: [
      {
        file: COMMIT_VALUES,
        text: "view: context(directive.order.view as JsonObject)",
        by: "view: (context, directive.order.view)",
      },
    ],
  },
  {
    name: "what an agent tells is not followed",
    edits: [
      {
        file: FOLLOW,
        text: "return resultsOf(node, following);",
        by: "return resultsOf(node, following).slice(1);",
      },
    ],
  },
  {
    name: "an emitted copy is not followed",
    edits: [
      {
        file: FOLLOW,
        text: 'return made(node.data, "input");',
        by: 'return made(node.data, "input").slice(9);',
      },
    ],
  },
  {
    name: "a letter kept in plain",
    edits: [
      {
        file: "shared/runtime/sealing/sealed-letter-box.ts",
        text: "key === undefined ? text : await sealing.whole(key, text)",
        by: "text",
      },
    ],
  },
  {
    name: "plain hashes of personal bodies",
    edits: [
      {
        file: "shared/runtime/session/keyed-inputs.ts",
        text: "hash: digest(input.hash)",
        by: "hash: digest(input.hash) && input.hash",
      },
    ],
  },
  {
    name: "an agent's own marker believed",
    edits: [
      {
        file: "shared/core/session/personal/markers.ts",
        text: "OURS.test(key) ? `$${key}` : key",
        by: "OURS.test(key) ? key : key",
      },
    ],
  },
];

/** Mistakes by which an agent or a producer does what it may not. */
export const HOSTILE_MUTATIONS: readonly Mutation[] = [
  {
    name: "a claim without an effect",
    edits: [
      {
        file: "shared/runtime/session/check-claim.ts",
        text: "if (contract.effect === Effect.once) return undefined;",
        by: "if (contract.effect === Effect.once || task) return undefined;",
      },
    ],
  },
  {
    name: "usage below nothing",
    edits: [
      {
        file: "shared/runtime/doors/agent-protocol.ts",
        text: "tokens: z.exactOptional(amount)",
        by: "tokens: z.exactOptional(z.number())",
      },
    ],
  },
  {
    name: "an event lifts the hops",
    edits: [
      {
        file: "shared/core/session/decide/run-budget.ts",
        text: 'hops: Math.min(limitOf(constraints, "hops") ?? Infinity, draft.limits.hops + itemHops),',
        by: 'hops: limitOf(constraints, "hops") ?? draft.limits.hops + itemHops,',
      },
    ],
  },
  {
    name: "a result of any depth",
    edits: [
      {
        file: "shared/core/json-form.ts",
        text: "export const MAX_DEPTH = 64;",
        by: "export const MAX_DEPTH = 84;",
      },
    ],
  },
  {
    name: "every problem of a result told",
    edits: [
      {
        file: "shared/runtime/session/validate.ts",
        text: "issues.slice(0, MAX_PROBLEMS).map",
        by: "issues.map",
      },
      {
        file: "shared/runtime/session/validate.ts",
        text: "problems: boundedProblems(first, issues.length) };",
        by: "problems: boundedProblems(first).length > 0 ? first : [] };",
      },
    ],
  },
  {
    name: "a token for every task of its kind",
    edits: [
      {
        file: "shared/simulator/run-plan.ts",
        text: "verify: (attempt, token) => token === tokenOf(attempt)",
        by: "verify: (attempt, token) => token.startsWith(attempt.tenant) && token.endsWith(`/${attempt.attempt}`)",
      },
    ],
  },
];
