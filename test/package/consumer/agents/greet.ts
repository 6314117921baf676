import type { Agent } from "event-spine";
import { greeter } from "../contracts.ts";

export const greet: Agent = greeter.implement(({ context, signal }) => {
  signal.throwIfAborted();
  return { greeting: `Hello ${context.input.who}` };
});
