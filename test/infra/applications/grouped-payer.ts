import * as z from "zod";
import { defineAgent } from "#core/contract.ts";
import { defineFlow, sequence, step } from "#core/flow/build.ts";
import type { ApplicationDefinition } from "#core/flow/compile.ts";

const output = z.object({ text: z.string() });
const thinker = defineAgent({ name: "thinker", group: "desk", timeoutMs: 120_000, output });
const payer = defineAgent({ name: "payer", group: "desk", timeoutMs: 10_000, effect: "once", output });

/** An agent with an effect beside one that takes far longer than a claim waits. */
export const applicationDefinition: ApplicationDefinition = {
  agents: [thinker, payer],
  flows: [defineFlow({ name: "paying", on: "PayingAsked", plan: sequence(step(thinker), step(payer)) })],
};
