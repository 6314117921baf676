import type { Mutation } from "./mutation.ts";

const INTAKE = "shared/runtime/intake/create-intake.ts";
const COORDINATOR = "shared/runtime/doors/create-coordinator.ts";

/** Mistakes on the way of an event that comes over the bus. */
export const BUS_MUTATIONS: readonly Mutation[] = [
  {
    name: "an event of the bus acknowledged before the inbox has it",
    edits: [
      {
        file: INTAKE,
        text: 'await orReturn("accepted", "EventsTaken", () => inbox.send(...accepted));',
        by: 'await orReturn("accepted", "EventsTaken", () => (void inbox.send(...accepted).catch(() => undefined), Promise.resolve()));',
      },
    ],
  },
  {
    name: "what a session refuses of the bus goes nowhere",
    edits: [
      {
        file: COORDINATOR,
        text: "      else letters.push(one);",
        by: "",
      },
    ],
  },
  {
    name: "a redriven event keeps the inbox's deduplication id",
    edits: [
      {
        file: INTAKE,
        text: "message: { key, input, envelope: envelope.whole, ...doubt, ...again } };",
        by: "message: { key, input, envelope: envelope.whole, ...doubt } };",
      },
    ],
  },
  {
    name: "a rejection told only by whoever committed it",
    edits: [
      {
        file: COORDINATOR,
        text: "if (envelope === undefined || refuse === undefined) return undefined;",
        by: "if (envelope === undefined || refuse === undefined || engine.clock.now() > 0) return undefined;",
      },
    ],
  },
];
