import * as z from "zod/mini";
import { defineAgent } from "#core/contract.ts";

const text = z.object({ text: z.string() });

/** Ways in which an agent can be bad; its input says which, so that the bundle is the same for all. */
export const Badness = {
  none: "none",
  /** Its process dies in the middle of the task. */
  kill: "kill",
  /** It blocks its process and never answers: not even its host can. */
  hang: "hang",
  throw: "throw",
  /** What it answers does not fit its schema. */
  garbage: "garbage",
  /** It answers often, and fills the answers queue with junk, also in the names of other sessions. */
  flood: "flood",
} as const;
export type Badness = (typeof Badness)[keyof typeof Badness];

/** Works at once and always answers the same. */
export const steady = defineAgent({ name: "steady", reads: ["input"], output: text, timeoutMs: 10_000 });

/** One piece of a list: its answers take the answers queue. */
export const piece = defineAgent({
  name: "piece",
  reads: ["item"],
  output: z.object({ twice: z.number() }),
  timeoutMs: 10_000,
});

/** As bad as its input says. */
export const risky = defineAgent({
  name: "risky",
  reads: ["input"],
  output: text,
  timeoutMs: 1_000,
  retries: { max: 1, backoffMs: 100 },
});

/** Works for as long as the gate that its input names stays shut, or not at all. */
export const worker = defineAgent({
  name: "worker",
  reads: ["input"],
  output: z.object({ for: z.string(), startedAt: z.number() }),
  timeoutMs: 90_000,
});

export const carefulAsked = z.strictObject({ subject: z.string(), numbers: z.array(z.number()) });
export const riskyAsked = z.strictObject({
  ...carefulAsked.shape,
  badness: z.enum(Badness),
  /** Sessions in whose name a flooding agent sends junk. */
  others: z.array(z.string()),
});
export const workAsked = z.strictObject({ subject: z.string(), gate: z.optional(z.string()) });
