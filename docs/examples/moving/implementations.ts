import { desk, pricing, rest, scheduler, whole } from "./agents.ts";
import { inquiry, offers, scheduling, textOf } from "./mesh.ts";

export const firstStep = [whole.implement(({ context }) => inquiry(context.input))];

export const secondStep = [
  scheduler.implement(({ context }) => scheduling(context.input)),
  rest.implement(({ context }) => inquiry(context.input, context.scheduler)),
];

export const thirdStep = [
  scheduler.implement(({ context }) => scheduling(context.input)),
  pricing.implement(({ context }) => offers(context.input, context.scheduler)),
  desk.implement(({ context }) => ({
    text: textOf(context.input, context.scheduler.day, context.pricing.price),
  })),
];
