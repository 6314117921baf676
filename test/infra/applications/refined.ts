import * as z from "zod";
import { defineAgent } from "#core/contract.ts";
import { defineFlow, fallback, sequence, step } from "#core/flow/build.ts";
import type { ApplicationDefinition } from "#core/flow/compile.ts";

const greeter = defineAgent({
  name: "greeter",
  output: z.object({ text: z.string().refine((text) => !text.includes("undefined")) }),
});

/** Its agent's result is held to a rule that is code. */
export const applicationDefinition: ApplicationDefinition = {
  flows: [
    defineFlow({
      name: "greeting",
      on: "GreetingAsked",
      plan: sequence(step(greeter, { fallback: fallback.skip() })),
    }),
  ],
};
