import * as z from "zod/mini";
import {
  choice,
  defineFlow,
  emit,
  fallback,
  human,
  parallel,
  reply as sendReply,
  sequence,
  step,
  transform,
} from "#core/flow/build.ts";
import type { ApplicationDefinition } from "#core/flow/compile.ts";
import type { JsonObject } from "#core/json.ts";
import { documents, documentsFallback } from "#contracts/documents.ts";
import { inquiry, inquiryFallback } from "#contracts/inquiry.ts";
import { recommendation, recommendationFallback } from "#contracts/recommendation.ts";
import { reply, replyFallback } from "#contracts/reply.ts";
import { scheduling, schedulingFallback } from "#contracts/scheduling.ts";
import { humanSection } from "#contracts/sections.ts";
import { CONFIDENCE_THRESHOLD } from "#contracts/vocabulary.ts";

/** The event that starts the flow: a customer wrote. */
export const MESSAGE_RECEIVED = "MessageReceived";

export const messageReceived = z.strictObject({
  text: z.string().check(z.minLength(1), z.maxLength(4_000)),
  /** Local time without a zone. */
  receivedAt: z.optional(z.iso.datetime({ local: true })),
});
export type MessageReceived = z.infer<typeof messageReceived>;

const DECISIONS = humanSection.shape.decision.options;
/** Longer than a person needs, shorter than a customer waits. */
const PERSON_MS = 900_000;
const RETRIES = { max: 2, backoffMs: 200 } as const;

// Fallback values are plain JSON; their schemas' optional fields only read as if they might be undefined.
const instead = (section: object) => ({ fallback: fallback.value(section as JsonObject) });

const visit = step(scheduling, instead(schedulingFallback));
const advice = step(recommendation, { retries: RETRIES, ...instead(recommendationFallback) });
const paperwork = step(documents, { retries: RETRIES, ...instead(documentsFallback) });

/** A confirmation may be about the visit that the message before arranged, or about which the one before asked. */
const HAS_EARLIER_VISIT = "has(before.scheduling.booking) || has(before.visit.booking)";
const recallVisit = transform({
  visit: "has(before.scheduling.booking) ? before.scheduling : before.visit",
});

/** A person's word outweighs the agent's. When nobody decides, the customer hears that someone will get back to them. */
const decide = choice({
  when: [
    {
      // A fallback that filled the slot knows no confidence.
      if: `!has(confidence.inquiry) || confidence.inquiry < ${CONFIDENCE_THRESHOLD}`,
      then: sequence(
        human({
          ask: `What does the customer want? Decide one of ${DECISIONS.join(", ")}; a note becomes part of the reply.`,
          // An intent to go on with, an answer of their own (the note), or a refusal.
          answer: humanSection,
          timeoutMs: PERSON_MS,
          onTimeout: "continue",
        }),
        // Nobody decided.
        transform({ human: 'has(human.decision) ? human : {"decision": "other"}' }),
        transform({ "decision.intent": "human.decision" }),
      ),
    },
  ],
  otherwise: transform({ "decision.intent": "inquiry.intent" }),
});

const act = choice({
  when: [
    {
      if: `decision.intent == "book"`,
      then: sequence(parallel({ branches: { visit, advice }, timeoutMs: 120_000 }), paperwork),
    },
    { if: `decision.intent in ["reschedule", "cancel"]`, then: sequence(visit, paperwork) },
    {
      if: `decision.intent == "document" && (${HAS_EARLIER_VISIT})`,
      then: sequence(recallVisit, advice, paperwork),
    },
    { if: `decision.intent == "document"`, then: sequence(advice, paperwork) },
    { if: `decision.intent == "recommend"`, then: advice },
    {
      if: `decision.intent == "complain"`,
      then: sequence(paperwork, emit("ComplaintRaised", `{"who": session.who, "text": input.text}`)),
    },
  ],
  otherwise: transform({}),
});

/** One message of a customer, from understanding it to the reply. */
export const customerCare = defineFlow({
  name: "customer-care",
  on: MESSAGE_RECEIVED,
  plan: sequence(
    step(inquiry, { retries: RETRIES, ...instead(inquiryFallback) }),
    decide,
    act,
    step(reply, { retries: RETRIES, ...instead(replyFallback) }),
    sendReply("reply"),
  ),
});

/** The application that ships with the project: its flow, and its events' schemas. */
export const customerCareApplication: ApplicationDefinition = {
  flows: [customerCare],
  events: { [MESSAGE_RECEIVED]: messageReceived },
};
