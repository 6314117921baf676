import * as z from "zod/mini";
import { defineAgent } from "#core/contract.ts";
import { inquiryOutput } from "./inquiry.ts";
import {
  constraintsSection,
  day,
  humanSection,
  inputSection,
  perhaps,
  sessionSection,
  time,
} from "./sections.ts";
import { SERVICES } from "./vocabulary.ts";

export const visitSlot = z.object({ crew: z.string(), date: day, start: time, end: time });

export const booking = z.object({
  reference: z.string(),
  who: z.string(),
  service: z.enum(SERVICES),
  slot: visitSlot,
});

export const schedulingOutput = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("booked"), booking }),
  z.object({ outcome: z.literal("moved"), booking, previous: visitSlot }),
  z.object({ outcome: z.literal("cancelled"), booking }),
  /** Nothing was arranged; these slots are free. `no-slot` has no alternatives when the calendar is full to its horizon. */
  z.object({
    outcome: z.literal("offered"),
    reason: z.enum(["no-date", "no-slot", "closed", "too-soon", "too-far"]),
    alternatives: z.array(visitSlot),
  }),
  z.object({
    outcome: z.literal("unclear"),
    missing: z.enum(["service", "booking"]),
    candidates: z.array(booking),
  }),
  z.object({ outcome: z.literal("not-found"), reference: z.optional(z.string()) }),
  z.object({ outcome: z.literal("not-asked") }),
  z.object({ outcome: z.literal("unavailable") }),
]);

export type VisitSlot = z.infer<typeof visitSlot>;
export type Booking = z.infer<typeof booking>;
export type Scheduling = z.infer<typeof schedulingOutput>;

export const schedulingView = z.object({
  input: inputSection,
  session: sessionSection,
  constraints: constraintsSection,
  inquiry: perhaps(inquiryOutput),
  human: perhaps(humanSection),
});
export type SchedulingView = z.infer<typeof schedulingView>;

/** Finds and books, moves or cancels a visit. The calendar is the outside world: its act is claimed first. */
export const scheduling = defineAgent({
  name: "scheduling",
  reads: ["input", "session", "constraints", "inquiry", "human"],
  input: schedulingView,
  output: schedulingOutput,
  timeoutMs: 5_000,
  effect: "once",
  // The calendar keeps what it did under a task's key.
  onDoubt: "ask",
  // A calendar entry that was made is a fact, whatever changed meanwhile; dropping it would hide the entry.
  onStale: "accept",
});

export const schedulingFallback: Scheduling = { outcome: "unavailable" };
