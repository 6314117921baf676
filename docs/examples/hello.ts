import * as z from "zod";
import { defineAgent, defineFlow, step } from "event-spine";
import { inProcessSpine } from "event-spine/testing";

const greeter = defineAgent({ name: "greeter", reads: ["input"], output: z.object({ text: z.string() }) });
const greeting = defineFlow({ name: "greeting", on: "GreetingAsked", plan: step(greeter) });
const agents = [greeter.implement(({ context }) => ({ text: `Hello ${context.input.who}` }))];

const spine = inProcessSpine({ flows: [greeting], agents });
console.log(await spine.ask("GreetingAsked", { who: "Ada" }));
await spine.close();
