import * as z from "zod";
import { defineAgent } from "#core/contract.ts";
import { defineFlow, parallel, sequence, step } from "#core/flow/build.ts";
import type { ApplicationDefinition } from "#core/flow/compile.ts";

const greeter = defineAgent({ name: "greeter", output: z.object({ text: z.string() }) });

/** Two branches write one section: the linter's `shared-slot`. */
export const applicationDefinition: ApplicationDefinition = {
  agents: [greeter],
  flows: [
    defineFlow({
      name: "greeting",
      on: "GreetingAsked",
      plan: sequence(parallel({ branches: { one: step(greeter), two: step(greeter) } })),
    }),
  ],
};
