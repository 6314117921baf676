import * as z from "zod/mini";
import { defineAgent } from "#core/contract.ts";
import { documentsOutput } from "./documents.ts";
import { inquiryOutput } from "./inquiry.ts";
import { recommendationOutput } from "./recommendation.ts";
import { schedulingOutput } from "./scheduling.ts";
import { constraintsSection, humanSection, inputSection, perhaps, sessionSection } from "./sections.ts";

export const replyOutput = z.object({
  text: z.string().check(z.minLength(1)),
  /** What the customer is left with: all done, a question to answer, someone who will get in touch, or a refusal. */
  status: z.enum(["settled", "question", "handed-over", "declined"]),
});

export type Reply = z.infer<typeof replyOutput>;

export const replyView = z.object({
  input: inputSection,
  session: sessionSection,
  constraints: constraintsSection,
  inquiry: perhaps(inquiryOutput),
  human: perhaps(humanSection),
  scheduling: perhaps(schedulingOutput),
  /** What an earlier message arranged, where this one is about it. */
  visit: perhaps(schedulingOutput),
  documents: perhaps(documentsOutput),
  recommendation: perhaps(recommendationOutput),
});
export type ReplyView = z.infer<typeof replyView>;

/** Composes the answer from what the others found. */
export const reply = defineAgent({
  name: "reply",
  reads: [
    "input",
    "session",
    "constraints",
    "inquiry",
    "human",
    "scheduling",
    "visit",
    "documents",
    "recommendation",
  ],
  input: replyView,
  output: replyOutput,
  timeoutMs: 5_000,
});

export const replyFallback: Reply = {
  text: "Thank you for your message. We could not answer it at once; someone from our office will get back to you today.",
  status: "handed-over",
};
