/** The words that the application's agents share: what may be asked for, and about what. */
export const INTENTS = [
  "book",
  "reschedule",
  "cancel",
  "document",
  "recommend",
  "complain",
  "ask",
  "other",
] as const;
export type Intent = (typeof INTENTS)[number];

export const SERVICES = [
  "boiler-service",
  "boiler-repair",
  "plumbing",
  "electrical",
  "deep-cleaning",
  "window-cleaning",
  "gardening",
  "painting",
  "roofing",
  "pest-control",
  "locksmith",
  "appliance-repair",
] as const;
export type Service = (typeof SERVICES)[number];

export const DOCUMENT_KINDS = [
  "quote",
  "confirmation",
  "cancellation",
  "acknowledgement",
  "care-plan",
] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/** What matters to the customer beside the service itself. */
export const NEEDS = [
  "urgent",
  "eco",
  "pets",
  "children",
  "quiet",
  "cheap",
  "premium",
  "regular",
  "moving",
] as const;
export type Need = (typeof NEEDS)[number];

export const TOPICS = ["hours", "prices", "area", "payment", "guarantee", "preparation", "staff"] as const;
export type Topic = (typeof TOPICS)[number];

/** Below this the flow asks a person instead of acting on the inquiry. */
export const CONFIDENCE_THRESHOLD = 0.6;

const SERVICE_NAMES: Readonly<Record<Service, string>> = {
  "boiler-service": "boiler service",
  "boiler-repair": "boiler repair",
  plumbing: "plumbing visit",
  electrical: "electrical visit",
  "deep-cleaning": "deep cleaning",
  "window-cleaning": "window cleaning",
  gardening: "gardening visit",
  painting: "painting and decorating",
  roofing: "roof inspection",
  "pest-control": "pest control visit",
  locksmith: "locksmith visit",
  "appliance-repair": "appliance repair",
};

/** The service as a customer reads it, in lower case, to stand inside a sentence. */
export const serviceName = (service: Service): string => SERVICE_NAMES[service];
