import type { Json } from "#core/json.ts";
import type { Documents } from "#contracts/documents.ts";
import type { Inquiry } from "#contracts/inquiry.ts";
import type { Recommendation } from "#contracts/recommendation.ts";
import type { Reply } from "#contracts/reply.ts";
import type { Scheduling } from "#contracts/scheduling.ts";
import type { Constraints, Session } from "#contracts/sections.ts";
import { customerCareApplication, MESSAGE_RECEIVED } from "#flows/customer-care.ts";
import { prepareCase } from "#simulator/cases.ts";
import { smallSession, type SmallSession } from "#simulator/small-sessions.ts";

const inquiry: Inquiry = {
  intent: "book",
  confidence: 0.9,
  ambiguous: false,
  slots: { service: "boiler-service", date: { from: "2026-03-10", until: "2026-03-10" } },
};
const scheduling: Scheduling = {
  outcome: "booked",
  booking: {
    reference: "B-1",
    who: "Ada Lovelace",
    service: "boiler-service",
    slot: { crew: "north", date: "2026-03-10", start: "09:00", end: "10:30" },
  },
};
const recommendation: Recommendation = { items: [], considered: 3, nothing: "no-match" };
const documents: Documents = {
  outcome: "stored",
  document: { kind: "confirmation", title: "Your visit", key: "documents/1", hash: "0".repeat(64) },
};
const reply: Reply = { text: "We come on Tuesday.", status: "settled" };
const answers: Readonly<Record<string, object>> = { inquiry, scheduling, recommendation, documents, reply };

const session: Session = { who: "Ada Lovelace", channel: "web", locale: "en-GB", today: "2026-03-02" };
const constraints: Omit<Constraints, "budget"> = {
  openFrom: "08:00",
  openUntil: "18:00",
  closedOn: [0],
  noticeHours: 24,
  horizonDays: 60,
};

/** One message of a customer: all five agents of the sample application, two of them side by side, one with an effect. */
export function customerCareSession(): SmallSession {
  const subject = prepareCase({
    name: "customer-care",
    ...customerCareApplication,
    // What the contracts say is plain JSON; their optional fields only read as if they might be undefined.
    answer: (agent) => ({ result: (answers[agent] ?? null) as Json, confidence: 0.9 }),
  });
  const data = { text: "Please service my boiler next Tuesday.", receivedAt: "2026-03-02T10:00:00" };
  return smallSession("customer-care", subject, [{ type: MESSAGE_RECEIVED, data, session, constraints }]);
}
