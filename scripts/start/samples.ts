import type { Constraints, Human, Session } from "#contracts/sections.ts";

/** One thing that happens in a sample conversation. */
export type Turn =
  /** The customer writes; the next turn comes after the reply, unless it is not waited for. */
  | { readonly says: string; readonly waits?: boolean }
  /** A person answers the question that the session asks, and the customer gets the reply. */
  | { readonly person: Human };

export interface Sample {
  /** Part of the session's name. */
  readonly name: string;
  readonly about: string;
  readonly who: string;
  readonly channel: Session["channel"];
  readonly turns: readonly Turn[];
  /** Limits that differ from the business's. @default none */
  readonly constraints?: Partial<Constraints>;
  /** An agent whose process is killed when it first works on this session. @default none */
  readonly killed?: string;
}

/** A Monday; fixed, so that the samples' days mean the same on every day. */
export const SAMPLE_DAY = "2026-03-02";

/** The conversations that `npm start` plays. */
export const SAMPLES: readonly Sample[] = [
  {
    name: "booking",
    about: "books a visit while looking for a plan in parallel",
    who: "Ada Lovelace",
    channel: "web",
    turns: [{ says: "I'd like to book a boiler service for next Tuesday morning, please." }],
  },
  {
    name: "moved",
    about: "a second message of the session moves the visit that the first one booked",
    who: "Grace Hopper",
    channel: "email",
    turns: [
      { says: "Hi, could someone come round on 12 March after 2pm? The kitchen tap keeps dripping." },
      {
        says: "I can't make it on the 12th after all. Can we move the visit to 13 March in the morning?",
      },
    ],
  },
  {
    name: "unsure",
    about: "the message is ambiguous, so a person decides",
    who: "Alan Turing",
    channel: "web",
    turns: [
      {
        says: "Very disappointed with the last visit. Still, please book another appointment for the garden on 19 March.",
      },
      {
        person: { decision: "book", note: "We are sorry about the last visit, and will send another crew." },
      },
    ],
  },
  {
    name: "document",
    about: "chooses a plan, then writes the agreement about it",
    who: "Mary Somerville",
    channel: "email",
    turns: [{ says: "Please draw up the care plan agreement for my boiler so that I can sign it" }],
  },
  {
    name: "complaint",
    about: "acknowledges a complaint in writing and raises it for the manager",
    who: "Edward Lear",
    channel: "phone",
    turns: [{ says: "Nobody turned up yesterday although I waited in all day. I want my money back!" }],
  },
  {
    name: "foreign",
    about: "an unrelated request: a person declines",
    who: "Phileas Fogg",
    channel: "web",
    turns: [
      { says: "Book me a flight to Rome next Friday" },
      { person: { decision: "decline", note: "We look after homes and do not book flights." } },
    ],
  },
  {
    name: "hurried",
    about: "a second message is queued while the first is being processed",
    who: "Isabella Beeton",
    channel: "sms",
    turns: [
      { says: "I need a gardener on Thursday at 10am", waits: false },
      { says: "Which cleaning would be right for a home with a baby and two dogs?" },
    ],
  },
  {
    name: "fallback",
    about: "no agent can read the opening hours: each falls back, and the office takes over",
    who: "Joseph Bramah",
    channel: "web",
    turns: [{ says: "I'd like to book a locksmith for tomorrow afternoon to have the locks changed." }],
    constraints: { openFrom: "8 am" },
  },
  {
    name: "retried",
    about: "an agent's process is killed while working: its task times out and is retried",
    who: "Christopher Wren",
    channel: "web",
    turns: [{ says: "Could you email me a quote for having two bedrooms painted by the end of the month?" }],
    killed: "documents",
  },
];
