import { inProcessSpine, readSession, sessionMatchers, type SessionMatchers } from "event-spine/testing";
import { expect, it } from "vitest";
import { close } from "./agents/close.ts";
import { greet } from "./agents/greet.ts";
import { applicationDefinition } from "./application.ts";

declare module "vitest" {
  interface Matchers<
    R extends void | Promise<void> = void | Promise<void>,
    T = unknown,
  > extends SessionMatchers<R> {}
}
expect.extend(sessionMatchers);

it("greets and says goodbye, in one session", async () => {
  const spine = inProcessSpine({ ...applicationDefinition, agents: [greet, close] });
  await spine.ask("GreetingAsked", { who: "Ada" }, { session: "s1" });
  const session = await readSession(spine, "s1");
  expect(session).toHaveReplied({ text: "Hello Ada. Goodbye!" });
  expect(session).not.toHaveFailed();
});
