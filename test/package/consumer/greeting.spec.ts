import { inProcessSpine } from "event-spine/testing";
import { expect, it } from "vitest";
import { close } from "./agents/close.ts";
import { greet } from "./agents/greet.ts";
import { applicationDefinition } from "./application.ts";

it("greets and says goodbye", async () => {
  const spine = inProcessSpine({ flows: applicationDefinition.flows, agents: [greet, close] });
  expect(await spine.ask("GreetingAsked", { who: "Ada" })).toEqual({ text: "Hello Ada. Goodbye!" });
});
