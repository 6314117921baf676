import { defineFlow, sequence, step } from "event-spine";
import { desk, pricing, rest, scheduler, whole } from "./agents.ts";

export const first = defineFlow({ name: "first", on: "MessageReceived", plan: step(whole) });

export const second = defineFlow({
  name: "second",
  on: "MessageReceived",
  plan: sequence(step(scheduler), step(rest)),
});

export const third = defineFlow({
  name: "third",
  on: "MessageReceived",
  plan: sequence(step(scheduler), step(pricing), step(desk)),
});
