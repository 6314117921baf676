import { defineFlow, reply, sequence, step, type Agent, type ApplicationDefinition } from "event-spine";
import * as z from "zod";
import { hello, helloAgent } from "./agents/hello.ts";

/** What runs: an implementation for each contract that the flows use. */
export const agents: readonly Agent[] = [helloAgent];

/** What happens when an event comes. */
export const helloFlow = defineFlow({
  name: "hello",
  on: "HelloAsked",
  plan: sequence(step(hello), reply("hello")),
});

export const applicationDefinition: ApplicationDefinition = {
  flows: [helloFlow],
  events: { HelloAsked: z.object({ who: z.string().meta({ examples: ["Ada"] }) }) },
};
