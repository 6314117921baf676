import * as z from "zod/mini";
import { defineAgent } from "#core/contract.ts";

/** Does something that can be undone. */
export const deed = defineAgent({
  name: "deed",
  reads: ["input"],
  output: z.object({ done: z.string() }),
  timeoutMs: 5_000,
});

/** Would undo it, and always fails. */
export const flawed = defineAgent({
  name: "flawed",
  reads: ["input"],
  output: z.object({}),
  timeoutMs: 5_000,
  retries: { max: 0, backoffMs: 0 },
});
