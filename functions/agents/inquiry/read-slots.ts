import { MONTHS, WEEKDAYS } from "#contracts/day.ts";
import type { InquirySlots } from "#contracts/inquiry.ts";
import type { Session } from "#contracts/sections.ts";
import { dateMentions } from "./dates.ts";
import type { DateMention } from "./dates.ts";
import {
  DOCUMENT_WORDS,
  matching,
  NEED_WORDS,
  SERVICE_HINTS,
  SERVICE_WORDS,
  TOPIC_WORDS,
} from "./lexicon.ts";
import { timeAsked } from "./read-times.ts";

const AMOUNT_SIGN = /([£$€]) ?(\d[\d,]*(?:\.\d{2})?)/;
const AMOUNT_WORD = /\b(\d[\d,]*(?:\.\d{2})?) ?(pounds?|quid|gbp|dollars?|usd|bucks|euros?|eur)\b/;
const AMOUNT_BARE = /\bbudget(?: is| of| would be)?(?: about| around| under| up to)? (\d[\d,]*)\b/;
const REFERENCE = /\bhs-?\d{4}\b/;
const CURRENCIES = [
  ["GBP", /^(?:£|pound|quid|gbp)/],
  ["USD", /^(?:\$|dollar|usd|bucks)/],
  ["EUR", /^(?:€|euro?)/],
] as const;

const amount = (text: string, locale: Session["locale"]): InquirySlots["amount"] => {
  const signed = AMOUNT_SIGN.exec(text);
  const worded = AMOUNT_WORD.exec(text);
  const number = signed?.[2] ?? worded?.[1] ?? AMOUNT_BARE.exec(text)?.[1];
  if (number === undefined) return undefined;
  const unit = signed?.[1] ?? worded?.[2] ?? (locale === "en-US" ? "$" : "£");
  const currency = CURRENCIES.find(([, pattern]) => pattern.test(unit))?.[0] ?? "GBP";
  return { value: Number(number.replaceAll(",", "")), currency };
};

// Names are read from the text as written: its capitals are what tells a name.
const NAME = "([A-Z][\\p{L}'’-]+(?: [A-Z][\\p{L}'’-]+){0,2})";
const NAME_PATTERNS = [
  new RegExp(`\\b(?:[Mm]y name is|[Mm]y name's|[Tt]he name is|[Tt]his is|I am|I'm|I’m) ${NAME}`, "u"),
  new RegExp(`\\b(?:Mr|Mrs|Ms|Dr)\\.? ${NAME}`, "u"),
  new RegExp(
    `\\b(?:[Rr]egards|[Tt]hanks|[Cc]heers|[Bb]est wishes|[Ss]incerely|[Tt]hank you),?\\s+${NAME}\\s*\\.?$`,
    "u",
  ),
];
const NOT_NAMES = new Set<string>([...WEEKDAYS, ...MONTHS, "Urgent", "Ridiculous", "Unacceptable", "OK"]);

const name = (written: string): string | undefined =>
  NAME_PATTERNS.map((pattern) => pattern.exec(written)?.[1]).find(
    (found) => found !== undefined && !NOT_NAMES.has(found.split(/[ '’]/)[0] ?? ""),
  );

const blanked = (text: string, parts: readonly { readonly start: number; readonly end: number }[]): string =>
  parts.reduce(
    (rest, { start, end }) => rest.slice(0, start) + "_".repeat(end - start) + rest.slice(end),
    text,
  );

const CANCELS = /\b(?:cancel\w*|call off|(?:no longer|do not|not) (?:need|want|require|send))\b/;
const MOVES =
  /\b(?:move|moved|change|reschedul\w*|rearrang\w*|postpon\w*|push|put off|swap|switch|shift|bring|can not|unable to|able to|instead)\b/;
const BEFORE_CURRENT = new RegExp(
  "\\b(?:from|my|our|booked (?:in )?(?:for|on)|(?:appointment|visit|booking|slot)(?: (?:is|was))? (?:on|for|of)|" +
    "(?:can not|able to|unable to|can no longer) (?:make|do|manage|be (?:in|there|home))(?: it)?(?: on)?)(?: the)? $",
);

/** "my Tuesday visit", "from Tuesday", "Tuesday's appointment", "can't make Tuesday": the day of the visit that stands. */
const isCurrent = ({ start, end }: DateMention, text: string): boolean =>
  BEFORE_CURRENT.test(text.slice(0, start)) ||
  /^(?:'s)?(?: \w+)? (?:appointment|visit|booking|slot)\b/.test(text.slice(end));

const dates = (
  mentions: readonly DateMention[],
  text: string,
): Pick<InquirySlots, "date" | "currentDate"> => {
  const moves = MOVES.test(text);
  const cancels = CANCELS.test(text);
  // Who only cancels has no new day in mind, so the first day named is that of the visit.
  const current = mentions.find(
    (mention) => (cancels && !moves) || ((cancels || moves) && isCurrent(mention, text)),
  );
  const wanted = mentions.find((mention) => mention !== current);
  return {
    ...(wanted && { date: wanted.span }),
    ...(current && { currentDate: current.span }),
  };
};

/** Everything that the message names, read from the written and the normalised text. */
export const slotsOf = (written: string, text: string, session: Session): InquirySlots => {
  const mentions = dateMentions(text, session);
  const named = matching(SERVICE_WORDS, text);
  const services = named.length > 0 ? named : matching(SERVICE_HINTS, text);
  const needs = matching(NEED_WORDS, text);
  const topic = matching(TOPIC_WORDS, text)[0];
  const documentKind = matching(DOCUMENT_WORDS, text)[0];
  const reference = REFERENCE.exec(text)?.[0];
  const asked = amount(text, session.locale);
  const withoutAmounts = text.replace(new RegExp(AMOUNT_SIGN, "g"), (found) => "_".repeat(found.length));
  const time = timeAsked(blanked(withoutAmounts, mentions));
  const who = name(written);
  return {
    ...(services.length === 1 && services[0] !== undefined && { service: services[0] }),
    ...(services.length > 1 && { services: [...services] }),
    ...dates(mentions, text),
    ...(time && { time }),
    ...(reference !== undefined && { reference: reference.toUpperCase().replace(/^HS-?/, "HS-") }),
    ...(who !== undefined && { name: who }),
    ...(asked && { amount: asked }),
    ...(documentKind !== undefined && { documentKind }),
    ...(topic !== undefined && { topic }),
    ...(needs.length > 0 && { needs: [...needs] }),
  };
};
