import type { DocumentKind } from "#contracts/vocabulary.ts";

export interface Template {
  readonly title: string;
  readonly text: string;
}

/** `{{name}}` stands for a value of that name. */
export const TEMPLATES: Readonly<Record<DocumentKind, Template>> = {
  quote: {
    title: "Quote: {{service}}",
    text: `Quote of {{today}}

For: {{customer}}
Work: {{service}}
Price: {{price}} including VAT, one visit
Your request: "{{request}}"

This price holds until {{validUntil}}.
`,
  },
  confirmation: {
    title: "Confirmation {{reference}}",
    text: `Confirmation of visit {{reference}}

For: {{customer}}
Work: {{service}}
When: {{day}}, {{start}} to {{end}}
Crew: {{crew}}

Please let us know at least a day before if the time no longer suits.
`,
  },
  cancellation: {
    title: "Cancellation {{reference}}",
    text: `Cancellation of visit {{reference}}

For: {{customer}}
Work: {{service}}
Was planned for: {{day}}, {{start}}

The visit is cancelled. There is nothing to pay.
`,
  },
  acknowledgement: {
    title: "Your complaint of {{today}}",
    text: `Complaint received on {{today}}

From: {{customer}}
In your words: "{{request}}"

We will answer in writing by {{answerBy}}.
`,
  },
  "care-plan": {
    title: "Agreement: {{plan}}",
    text: `Agreement of {{today}}

Between Hearth & Home Services and {{customer}}
Plan: {{plan}}
Price: {{planPrice}}

It begins when you sign, and you may end it within {{withdrawalDays}} days.

Signed: ____________________
`,
  },
};

const PLACEHOLDER = /\{\{(\w+)\}\}/g;

export type Filled =
  | { readonly complete: true; readonly title: string; readonly text: string }
  | { readonly complete: false; readonly missing: readonly string[] };

/** The names of a template's placeholders, each once, in the order of the text. */
export const placeholders = ({ title, text }: Template): readonly string[] => [
  ...new Set([...`${title}\n${text}`.matchAll(PLACEHOLDER)].map((match) => match[1] ?? "")),
];

/** Fills every placeholder or none. In one pass, so that braces in a customer's words stay what they are. */
export const fill = (template: Template, values: Readonly<Record<string, string | undefined>>): Filled => {
  const missing = placeholders(template).filter((name) => (values[name] ?? "") === "");
  if (missing.length > 0) return { complete: false, missing };
  const filled = (text: string): string => text.replace(PLACEHOLDER, (_, name: string) => values[name] ?? "");
  return { complete: true, title: filled(template.title), text: filled(template.text) };
};
