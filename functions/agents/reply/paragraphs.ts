import { longDay } from "#contracts/day.ts";
import { decidedIntent } from "#contracts/decided-intent.ts";
import type { Reply, ReplyView } from "#contracts/reply.ts";
import type { VisitSlot } from "#contracts/scheduling.ts";
import { serviceName } from "#contracts/vocabulary.ts";
import { generalAnswer } from "./general-answers.ts";

/** One part of the reply, and what it leaves the customer with. */
export interface Paragraph {
  readonly text: string;
  readonly status: Reply["status"];
}

const say = (status: Reply["status"], text: string): Paragraph => ({ status, text });
const COLLEAGUE = "a colleague will get back to you today";

const when = (slot: VisitSlot): string => `${longDay(slot.date)} at ${slot.start}`;
const choices = (slots: readonly VisitSlot[]): string => slots.map((slot) => `- ${when(slot)}`).join("\n");
const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1) ?? ""}`;

const WHY_NOT = {
  "no-date": "When would you like us to come?",
  "no-slot": "We have no free visit at the time that you asked for.",
  closed: "We are closed on the day that you asked for.",
  "too-soon": "We cannot come as soon as that.",
  "too-far": "Our calendar is not open that far ahead yet.",
} as const;

const human = ({ human: decided }: ReplyView): Paragraph | undefined => {
  if (decided === undefined) return undefined;
  const note = decided.note?.trim() ?? "";
  if (decided.decision === "decline") {
    return say("declined", `I am sorry, we cannot help you with this.${note === "" ? "" : ` ${note}`}`);
  }
  if (decided.decision === "answer") {
    return note === ""
      ? say("handed-over", `A person has read your message; ${COLLEAGUE}.`)
      : say("settled", note);
  }
  return note === "" ? undefined : say("settled", note);
};

const scheduling = (view: ReplyView): Paragraph | undefined => {
  const found = view.scheduling ?? view.visit;
  const intent = decidedIntent(view);
  const asked = intent === "book" || intent === "reschedule" || intent === "cancel";
  if (found === undefined || found.outcome === "unavailable") {
    return asked
      ? say("handed-over", `Our calendar cannot be reached at the moment; ${COLLEAGUE} to arrange this.`)
      : undefined;
  }
  switch (found.outcome) {
    case "booked":
      return say(
        "settled",
        `Your ${serviceName(found.booking.service)} is booked for ${when(found.booking.slot)}. Your reference is ${found.booking.reference}.`,
      );
    case "moved":
      return say(
        "settled",
        `Your ${serviceName(found.booking.service)} (${found.booking.reference}) is moved from ${when(found.previous)} to ${when(found.booking.slot)}.`,
      );
    case "cancelled":
      return say(
        "settled",
        `Your ${serviceName(found.booking.service)} (${found.booking.reference}) on ${when(found.booking.slot)} is cancelled. There is nothing to pay.`,
      );
    case "offered":
      return found.alternatives.length === 0
        ? say("handed-over", `${WHY_NOT[found.reason]} Our calendar is full; ${COLLEAGUE}.`)
        : say(
            "question",
            `${WHY_NOT[found.reason]} These are free:\n${choices(found.alternatives)}\nWhich one suits you?`,
          );
    case "unclear": {
      if (found.missing === "service") {
        const named = view.inquiry?.slots.services ?? [];
        return say(
          "question",
          named.length > 0
            ? `Which do you need first: ${listed(named.map(serviceName))}?`
            : "What work do you need us to do?",
        );
      }
      const visits = found.candidates.map(
        (booking) => `- ${booking.reference}, ${serviceName(booking.service)}, ${when(booking.slot)}`,
      );
      return say(
        "question",
        `You have more than one visit with us:\n${visits.join("\n")}\nWhich one do you mean?`,
      );
    }
    case "not-found":
      return say(
        "question",
        `We cannot find ${found.reference === undefined ? "such a visit" : `a visit ${found.reference}`} under your name. Could you check the reference or the day?`,
      );
    case "not-asked":
      return undefined;
  }
};

const MISSING: Readonly<Record<string, string>> = {
  kind: "which document you need",
  service: "which work it is for",
  reference: "which visit it is about",
  plan: "which plan you would like",
};

const documents = (view: ReplyView): Paragraph | undefined => {
  const found = view.documents;
  if (found === undefined || found.outcome === "unavailable") {
    return decidedIntent(view) === "document"
      ? say("handed-over", `We could not prepare your document at once; ${COLLEAGUE} with it.`)
      : undefined;
  }
  switch (found.outcome) {
    case "stored":
      return say(
        "settled",
        `We have prepared this document for you: ${found.document.title} (${found.document.key}).`,
      );
    case "incomplete": {
      const asked = found.missing.map((name) => MISSING[name]).find((question) => question !== undefined);
      return say(
        "question",
        `To prepare your document we need to know ${asked ?? "a little more"}. Could you tell us?`,
      );
    }
    case "not-asked":
      return undefined;
  }
};

const REASONS = {
  service: "made for this work",
  needs: "fits what you need",
  words: "close to what you describe",
  season: "right for the season",
  value: "easy on your budget",
  popularity: "popular with our customers",
} as const;

const recommendation = (view: ReplyView): Paragraph | undefined => {
  const found = view.recommendation;
  const asked = decidedIntent(view) === "recommend";
  const [first] = found?.items ?? [];
  if (first !== undefined && found !== undefined) {
    if (!asked && view.scheduling?.outcome !== "booked") return undefined;
    if (!asked) return say("settled", `You may also like ${first.name} (£${first.price}).`);
    const lines = found.items.map(({ name, price, reasons }) => {
      const why = reasons.slice(0, 2).map((reason) => REASONS[reason.feature]);
      return `- ${name}, £${price}: ${why.join(", ")}`;
    });
    return say("settled", `We would suggest:\n${lines.join("\n")}`);
  }
  if (!asked) return undefined;
  switch (found?.nothing) {
    case "over-budget":
      return say(
        "question",
        "Everything that fits costs more than your budget. Would you like to see it all the same?",
      );
    case "no-match":
      return say(
        "question",
        "What work or problem should it be for? Then we can suggest something that fits.",
      );
    case "unavailable":
    case undefined:
      return say("handed-over", `We could not look through our offers; ${COLLEAGUE} with a suggestion.`);
  }
};

const inquiry = (view: ReplyView): Paragraph | undefined => {
  switch (decidedIntent(view)) {
    case "complain":
      return say(
        "handed-over",
        `We are sorry that we have let you down. Your complaint is with our manager and ${COLLEAGUE}.`,
      );
    case "ask": {
      const topic = view.inquiry?.slots.topic;
      return topic === undefined
        ? say("handed-over", `Thank you for your question; ${COLLEAGUE}.`)
        : say("settled", generalAnswer(topic, view.constraints));
    }
    case "other":
      return view.inquiry === undefined || view.human?.decision === "other"
        ? say("handed-over", `Thank you for your message; ${COLLEAGUE}.`)
        : say(
            "question",
            "I am not sure that I understood you. Would you like to book, move or cancel a visit, or have a document or a suggestion from us?",
          );
    default:
      return undefined;
  }
};

/**
 * The parts of the reply in the order of the text, at least one. A person's own answer stands alone, beside what was
 * really arranged or written.
 */
export const paragraphsOf = (view: ReplyView): readonly Paragraph[] => {
  const spoken = view.human?.decision === "answer" || view.human?.decision === "decline";
  const facts = [scheduling(view), documents(view)];
  const rest = spoken
    ? facts.filter((part) => part?.status === "settled")
    : [inquiry(view), ...facts, recommendation(view)];
  const parts = [human(view), ...rest].filter((part) => part !== undefined);
  return parts.length > 0 ? parts : [say("handed-over", `Thank you for your message; ${COLLEAGUE}.`)];
};
