import * as z from "zod";
import { defineAgent } from "#core/contract.ts";
import { defineFlow, sequence, step } from "#core/flow/build.ts";
import type { ApplicationDefinition } from "#core/flow/compile.ts";

const output = z.object({ text: z.string() });
const reader = defineAgent({ name: "reader", group: "desk", timeoutMs: 20_000, output });
const writer = defineAgent({ name: "writer", group: "desk", timeoutMs: 10_000, output });

/** Two agents that one function hosts. */
export const applicationDefinition: ApplicationDefinition = {
  agents: [reader, writer],
  flows: [defineFlow({ name: "reading", on: "ReadingAsked", plan: sequence(step(reader), step(writer)) })],
};
