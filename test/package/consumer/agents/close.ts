import type { Agent } from "event-spine";
import { closer } from "../contracts.ts";

export const close: Agent = closer.implement(({ context }) => ({
  text: `${context.greeter.greeting}. Goodbye!`,
}));
