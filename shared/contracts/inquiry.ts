import * as z from "zod";
import { defineAgent } from "#core/contract.ts";
import { day, inputSection, sessionSection, time } from "./sections.ts";
import { DOCUMENT_KINDS, INTENTS, NEEDS, SERVICES, TOPICS } from "./vocabulary.ts";

/** Both ends belong to the span; one day, or one time, is a span whose ends are equal. */
export const daySpan = z.object({ from: day, until: day });
export const timeSpan = z.object({ from: time, until: time });

export const inquirySlots = z.object({
  service: z.enum(SERVICES).optional(),
  /** Set instead of `service` when the message names several. */
  services: z.array(z.enum(SERVICES)).optional(),
  date: daySpan.optional(),
  time: timeSpan.optional(),
  /** The day of the visit that is to be moved or cancelled. */
  currentDate: daySpan.optional(),
  reference: z.string().optional(),
  name: z.string().optional(),
  amount: z.object({ value: z.number(), currency: z.enum(["GBP", "USD", "EUR"]) }).optional(),
  documentKind: z.enum(DOCUMENT_KINDS).optional(),
  topic: z.enum(TOPICS).optional(),
  needs: z.array(z.enum(NEEDS)).optional(),
});

export const inquiryOutput = z.object({
  intent: z.enum(INTENTS),
  confidence: z.number().min(0).max(1),
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
