import { defineAgent, defineFlow, step } from "event-spine";
import { inProcessSpine } from "event-spine/testing";
import * as z from "zod";

const greeter = defineAgent({ name: "greeter", reads: ["input"], output: z.object({ text: z.string() }) });
const greeting = defineFlow({ name: "greeting", on: "GreetingAsked", plan: step(greeter) });
const agents = [greeter.implement(({ context }) => ({ text: `Hello ${context.input.who}` }))];
console.log(await inProcessSpine({ flows: [greeting], agents }).ask("GreetingAsked", { who: "Ada" }));
