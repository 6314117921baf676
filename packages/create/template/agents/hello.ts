import { defineAgent } from "event-spine";
import * as z from "zod";

/** The contract: what the agent reads of the session's context, and what it answers. */
export const hello = defineAgent({
  name: "hello",
  reads: ["input"],
  input: z.object({ input: z.object({ who: z.string() }) }),
  output: z.object({ text: z.string() }),
});

/** The agent itself. It has no model: call one here, and pass it `signal`. */
export const helloAgent = hello.implement(({ context, signal }) => {
  signal.throwIfAborted();
  return { text: `Hello ${context.input.who}` };
});
