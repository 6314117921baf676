import type { Intent, Row } from "./dialogue-schema.ts";
import { inputsOf } from "./service-contract.ts";
import type { Section } from "./service-contract.ts";

/** Takes over a search's rows in place of the last ones. What the user has already seen among them stays seen. */
export function merge(section: Section, rows: readonly Row[], intent: Intent): Section {
  const seen = new Set(section.shown.flatMap((at) => identity(section.offers[at], intent)));
  const shown = rows.flatMap((row, at) => (identity(row, intent).some((key) => seen.has(key)) ? [at] : []));
  return { ...section, offers: [...rows], shown };
}

export function hasNewOffer({ offers, shown }: Section): boolean {
  return shown.length < offers.length;
}

/** Shows the first offer that the user has not seen; when all are seen, there is nothing to show. */
export function presentNext(section: Section): Section {
  const next = section.offers.findIndex((_offer, at) => !section.shown.includes(at));
  return next === -1 ? section : { ...section, shown: [...section.shown, next] };
}

/** What makes a row the same offer after the search was narrowed: what the search itself did not ask for. */
function identity(row: Row | undefined, intent: Intent): readonly string[] {
  if (row === undefined) return [];
  const asked = new Set(inputsOf(intent));
  const own = Object.entries(row).filter(([slot, value]) => !asked.has(slot) && Number.isNaN(Number(value)));
  return [JSON.stringify(own.sort(([a], [b]) => (a < b ? -1 : 1)))];
}
