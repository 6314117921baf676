import { addDays, longDay } from "#contracts/day.ts";
import { decidedIntent } from "#contracts/decided-intent.ts";
import { documents } from "#contracts/documents.ts";
import type { Documents, DocumentsView } from "#contracts/documents.ts";
import { serviceName } from "#contracts/vocabulary.ts";
import type { DocumentKind, Service } from "#contracts/vocabulary.ts";
import type { Agent } from "#core/contract.ts";
import { contentHash, createMemoryDocumentStore } from "./document-store.ts";
import type { DocumentStore } from "./document-store.ts";
import { PRICES, type PriceList } from "./price-list.ts";
import { fill, TEMPLATES } from "./templates.ts";

const QUOTE_DAYS = 30;
const COMPLAINT_DAYS = 10;
const WITHDRAWAL_DAYS = 14;
const MOST_QUOTED = 300;

/** What the context asks to be written: what the customer named, or what the arranged visit or the complaint calls for. */
const kindAsked = (view: DocumentsView): DocumentKind | "unnamed" | undefined => {
  switch (decidedIntent(view)) {
    case "document":
      return view.inquiry?.slots.documentKind ?? "unnamed";
    case "complain":
      return "acknowledgement";
    case "book":
    case "reschedule":
    case "cancel":
      return view.scheduling?.outcome === "cancelled"
        ? "cancellation"
        : view.scheduling?.outcome === "booked" || view.scheduling?.outcome === "moved"
          ? "confirmation"
          : undefined;
    case "ask":
    case "recommend":
    case "other":
      return undefined;
  }
};

const work = (service: Service): string => {
  const text = serviceName(service);
  return text.charAt(0).toUpperCase() + text.slice(1);
};

/** The customer's words on one line, cut at the end of a word. */
const quoted = (text: string): string => {
  const line = text.replace(/\s+/g, " ").trim();
  if (line.length <= MOST_QUOTED) return line;
  return `${line.slice(0, line.lastIndexOf(" ", MOST_QUOTED))} …`;
};

const valuesOf = (view: DocumentsView, prices: PriceList): Readonly<Record<string, string | undefined>> => {
  const { input, session, inquiry, recommendation } = view;
  const arranged = view.scheduling ?? view.visit;
  const booking = arranged !== undefined && "booking" in arranged ? arranged.booking : undefined;
  const service = booking?.service ?? inquiry?.slots.service;
  const plan = recommendation?.items[0];
  return {
    customer: inquiry?.slots.name ?? session.who,
    today: longDay(session.today),
    request: quoted(input.text),
    service: service && work(service),
    price: service && `£${prices[service]}`,
    validUntil: longDay(addDays(session.today, QUOTE_DAYS)),
    answerBy: longDay(addDays(session.today, COMPLAINT_DAYS)),
    withdrawalDays: String(WITHDRAWAL_DAYS),
    plan: plan?.name,
    planPrice: plan && `£${plan.price}`,
    reference: booking?.reference,
    day: booking && longDay(booking.slot.date),
    start: booking?.slot.start,
    end: booking?.slot.end,
    crew: booking?.slot.crew,
  };
};

const slug = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{Diacritic}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");

/** Fills the template that the context asks for and stores it. The key ends in the text's hash: same context, same document. */
export const write = async (
  task: { readonly context: DocumentsView },
  needs: { readonly store: DocumentStore; readonly prices: PriceList },
): Promise<Documents> => {
  const view = task.context;
  const kind = kindAsked(view);
  if (kind === undefined) return { outcome: "not-asked" };
  if (kind === "unnamed") return { outcome: "incomplete", missing: ["kind"] };
  const filled = fill(TEMPLATES[kind], valuesOf(view, needs.prices));
  if (!filled.complete) return { outcome: "incomplete", kind, missing: [...filled.missing] };
  const hash = contentHash(filled.text);
  const key = `${kind}/${slug(view.session.who)}/${view.session.today}/${hash.slice(0, 12)}.txt`;
  await needs.store.put({ key, text: filled.text });
  return { outcome: "stored", document: { kind, title: filled.title, key, hash } };
};

interface DocumentsNeeds {
  /** @default one in memory */
  readonly store?: DocumentStore;
  readonly prices?: PriceList;
}

export const createAgent = ({
  store = createMemoryDocumentStore(),
  prices = PRICES,
}: DocumentsNeeds = {}): Agent => documents.implement((task) => write(task, { store, prices }));
