import type { Inquiry } from "./inquiry.ts";
import type { Human } from "./sections.ts";
import { INTENTS } from "./vocabulary.ts";
import type { Intent } from "./vocabulary.ts";

const isIntent = (decision: string): decision is Intent => (INTENTS as readonly string[]).includes(decision);

/** The intent to act on: a person's word outweighs the inquiry's. */
export const decidedIntent = (view: {
  readonly inquiry?: Inquiry | undefined;
  readonly human?: Human | undefined;
}): Intent =>
  view.human !== undefined && isIntent(view.human.decision)
    ? view.human.decision
    : (view.inquiry?.intent ?? "other");
