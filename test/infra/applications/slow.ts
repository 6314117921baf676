import * as z from "zod";
import { defineAgent } from "#core/contract.ts";
import { defineFlow, step } from "#core/flow/build.ts";
import type { ApplicationDefinition } from "#core/flow/compile.ts";

const slow = defineAgent({ name: "slow", timeoutMs: 20_000, output: z.object({ text: z.string() }) });

/** A step allows its agent more time than the contract does. */
export const applicationDefinition: ApplicationDefinition = {
  agents: [slow],
  flows: [defineFlow({ name: "waiting", on: "WaitAsked", plan: step(slow, { timeoutMs: 60_000 }) })],
};
