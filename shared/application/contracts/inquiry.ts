import * as z from "zod/mini";
import { defineAgent } from "#core/contract.ts";
import { day, inputSection, sessionSection, time } from "./sections.ts";
import { DOCUMENT_KINDS, INTENTS, NEEDS, SERVICES, TOPICS } from "./vocabulary.ts";

/** Both ends belong to the span; one day, or one time, is a span whose ends are equal. */
export const daySpan = z.object({ from: day, until: day });
export const timeSpan = z.object({ from: time, until: time });

export const inquirySlots = z.object({
  service: z.optional(z.enum(SERVICES)),
  /** Set instead of `service` when the message names several. */
  services: z.optional(z.array(z.enum(SERVICES))),
  date: z.optional(daySpan),
  time: z.optional(timeSpan),
  /** The day of the visit that is to be moved or cancelled. */
  currentDate: z.optional(daySpan),
  reference: z.optional(z.string()),
  name: z.optional(z.string()),
  amount: z.optional(z.object({ value: z.number(), currency: z.enum(["GBP", "USD", "EUR"]) })),
  documentKind: z.optional(z.enum(DOCUMENT_KINDS)),
  topic: z.optional(z.enum(TOPICS)),
  needs: z.optional(z.array(z.enum(NEEDS))),
});

export const inquiryOutput = z.object({
  intent: z.enum(INTENTS),
  confidence: z.number().check(z.minimum(0), z.maximum(1)),
  /** More than one reading of the message is about as likely. */
  ambiguous: z.boolean(),
  slots: inquirySlots,
});

export type DaySpan = z.infer<typeof daySpan>;
export type TimeSpan = z.infer<typeof timeSpan>;
export type InquirySlots = z.infer<typeof inquirySlots>;
export type Inquiry = z.infer<typeof inquiryOutput>;

export const inquiryView = z.object({ input: inputSection, session: sessionSection });
export type InquiryView = z.infer<typeof inquiryView>;

/** Understands the message: intent, slots, confidence. */
export const inquiry = defineAgent({
  name: "inquiry",
  reads: ["input", "session"],
  input: inquiryView,
  output: inquiryOutput,
  timeoutMs: 5_000,
});

/** Stands in the section when the agent cannot answer: a person will look. */
export const inquiryFallback: Inquiry = { intent: "other", confidence: 0, ambiguous: false, slots: {} };
