import { inquiry } from "#contracts/inquiry.ts";
import type { Inquiry, InquiryView } from "#contracts/inquiry.ts";
import { answered } from "#core/contract.ts";
import type { Answered } from "#core/contract.ts";
import { readingOf } from "./confidence.ts";
import { intentScores } from "./intents.ts";
import { slotsOf } from "./read-slots.ts";
import { normalised } from "./spelling.ts";

/** The customer says themselves that they have not made up their mind. */
const HEDGE =
  /\b(?:or maybe|or perhaps|should (?:i|we) (?:book|cancel|move|reschedule)|not sure (?:if|whether)|either .+ or|can not decide (?:if|whether|between))\b/;

/** Understands a message by rules: the same message in the same session gives the same reading, without any model. */
export const understand = (task: { readonly context: InquiryView }): Answered<Inquiry> => {
  const { input, session } = task.context;
  const text = normalised(input.text);
  const slots = slotsOf(input.text, text, session);
  const scores = intentScores(text, {
    service: slots.service !== undefined || slots.services !== undefined,
    date: slots.date !== undefined,
    topic: slots.topic !== undefined,
  });
  const { intent, confidence, ambiguous } = readingOf(
    scores,
    HEDGE.test(text) || slots.services !== undefined,
  );
  return answered({ result: { intent, confidence, ambiguous, slots }, confidence });
};

/** The agent: contract and implementation. */
export const agent = inquiry.implement(understand);
