import { defineFlow, reply, sequence, step, type ApplicationDefinition } from "event-spine";
import { closer, greeter } from "./contracts.ts";

export const applicationDefinition: ApplicationDefinition = {
  flows: [
    defineFlow({
      name: "greeting",
      on: "GreetingAsked",
      plan: sequence(step(greeter), step(closer), reply("closer")),
    }),
  ],
};
