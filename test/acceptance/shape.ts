import { SERVICE_WORDS } from "#functions/agents/inquiry/lexicon.ts";
import type { AcceptanceCase } from "./cases.ts";

const DAY_WORDS =
  /\b(?:(?:next|this|coming|last) )?(?:mon|tues?|wednes|thurs|fri|satur|sun)days?\b|\b(?:january|february|march|april|june|july|august|september|october|november|december|today|tomorrow|(?:next|this) (?:week|month|weekend)|mornings?|afternoons?|evenings?)\b/gi;
const NUMBERS = /\b(?:hs-?)?\d[\d:./,-]*(?:st|nd|rd|th|am|pm)?\b/gi;

/** A message without its slot values: days, times, numbers, names and services are blanked. */
export const maskedText = (text: string): string => {
  let masked = text
    .replace(DAY_WORDS, "#")
    .replace(NUMBERS, "#")
    .replace(/(?<=[a-z,] )[A-Z][a-z]+/g, "#")
    .toLowerCase();
  for (const words of Object.values(SERVICE_WORDS)) masked = masked.replace(new RegExp(words, "g"), "#");
  return masked
    .replace(/# may\b/g, "#")
    .replace(/(?:#[\s,]*)+/g, "# ")
    .replace(/[^a-z#]+/g, " ")
    .trim();
};

/** These choose how an agent goes about its work; every other text, number and list of words is a value. */
const TELLING = new Set(["intent", "outcome", "reason", "decision", "channel", "nothing", "ambiguous"]);

const masked = (value: unknown, key: string): unknown => {
  if (Array.isArray(value)) {
    return value.every((item) => typeof item === "object")
      ? value.map((item: unknown) => masked(item, key))
      : "#";
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .sort()
        .map(([name, item]) => [name, masked(item, name)]),
    );
  }
  return TELLING.has(key) ? value : "#";
};

/** What is left of a case when every slot value is blanked: two cases of one shape would test the same thing. */
export const shapeOf = ({ view, before }: AcceptanceCase, readsText: boolean): string => {
  const { input, ...sections } = view;
  const text = typeof input === "object" && input !== null && "text" in input ? String(input.text) : "";
  const asked = readsText ? maskedText(text) : masked(input, "input");
  return JSON.stringify([asked, masked(sections, ""), masked(before, "")]);
};
