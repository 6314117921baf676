import * as z from "zod";
import { defineAgent } from "event-spine";

const message = z.object({ text: z.string(), city: z.string() });
const day = z.object({ day: z.string() });
const price = z.object({ price: z.number() });
const retries = { max: 2, backoffMs: 100 };

/** First step: the mesh as it is, as one agent. */
export const whole = defineAgent({
  name: "whole",
  reads: ["input"],
  input: z.object({ input: message }),
  output: z.object({ text: z.string() }),
  retries,
});

/** Second step: the calendar is an agent of its own, and the rest of the mesh reads what it found. */
export const scheduler = defineAgent({
  name: "scheduler",
  reads: ["input"],
  input: z.object({ input: message }),
  output: day,
  retries,
});
export const rest = defineAgent({
  name: "rest",
  reads: ["input", "scheduler"],
  input: z.object({ input: message, scheduler: day }),
  output: z.object({ text: z.string() }),
  retries,
});

/** Third step: nobody calls anybody any more. */
export const pricing = defineAgent({
  name: "pricing",
  reads: ["input", "scheduler"],
  input: z.object({ input: message, scheduler: day }),
  output: price,
  retries,
});
export const desk = defineAgent({
  name: "desk",
  reads: ["input", "scheduler", "pricing"],
  input: z.object({ input: message, scheduler: day, pricing: price }),
  output: z.object({ text: z.string() }),
});
