/** What an author may do about an expression that is no part of conditions. Functions evaluate, and load none of this. */
export const REPAIRS = {
  length: "Shorten it, or compute the value in an agent or a transform step.",
  depth: "Split it over several steps, or test a value against a list with `in`.",
  language:
    'Write it in the Common Expression Language, for example: inquiry.intent == "booking" && confidence.inquiry >= 0.7',
  equals: "Compare with ==, as the Common Expression Language does.",
  word: "Give the section another name.",
  optional: "Guard the field with has().",
  timestamp: 'Write timestamp("2026-01-31T00:00:00Z"); dates of the context compare as texts with < and >.',
  zone: "Use UTC: time zone tables differ between machines, and the same log must give the same decisions.",
  matches: "Use contains, startsWith, endsWith or ==: a regular expression can take minutes on a short text.",
  bind: "Compute the value in a transform step first: bindings can double a value many times.",
  json: "Bytes are not part of a context; read the field itself.",
} as const;

export type Repair = keyof typeof REPAIRS;
