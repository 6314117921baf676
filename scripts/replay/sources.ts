import type { Row, UserFrame } from "./dialogue-schema.ts";
import { meet, said } from "./recollection.ts";
import type { Canonicals, Recollection } from "./recollection.ts";
import { sectionOf } from "./service-contract.ts";

/** Where a value is to be taken from: a slot of a service's section, or one of the rows that it offers. */
export type Source =
  | { readonly service: string; readonly slot: string }
  | { readonly offer: string; readonly item: number; readonly slot: string };

export interface Search {
  /** The service that is spoken to. */
  readonly service: string;
  /** All frames of the turn: what the user says to one service can be meant for another as well. */
  readonly frames: readonly UserFrame[];
  readonly known: Recollection;
  /** The slots to be found, with the values that tell the right place from the wrong ones. */
  readonly meant: ReadonlyMap<string, Canonicals>;
  /** The user accepts an offer: it is the first place to look. */
  readonly selecting: boolean;
}

/** Finds an earlier place for each slot that the user meant. A slot without one is left out. */
export function findSources(search: Search): ReadonlyMap<string, Source> {
  const { service, known, meant, selecting } = search;
  const accepted = selecting ? bestRow(known.offers.get(service) ?? [], meant) : undefined;
  const found = new Map<string, Source>();
  for (const [slot, values] of meant) {
    const source =
      accepted && values.has(accepted.row[slot] ?? "")
        ? { offer: sectionOf(service), item: accepted.item, slot }
        : (inSlots(search, slot, values) ?? inOffers(search, slot, values));
    if (source) found.set(slot, source);
  }
  return found;
}

/** The row that agrees with most of what the user meant; among equals the first. */
function bestRow(rows: readonly Row[], meant: ReadonlyMap<string, Canonicals>) {
  let best: { readonly row: Row; readonly item: number; readonly agreeing: number } | undefined;
  for (const [item, row] of rows.entries()) {
    const agreeing = [...meant].filter(([slot, values]) => values.has(row[slot] ?? "")).length;
    if (agreeing > (best?.agreeing ?? 0)) best = { row, item, agreeing };
  }
  return best;
}

function inSlots({ service, frames, known }: Search, wanted: string, values: Canonicals): Source | undefined {
  const places: Source[] = [];
  const services = new Set([...frames.map((frame) => frame.service), ...known.slots.keys()]);
  services.delete(service);
  // A service refers to itself last: another slot of its own seldom means the same thing.
  for (const other of [...services, service])
    for (const [slot, held] of heldBy(other, { service, frames, known }))
      if (slot !== wanted || other !== service)
        if (meet(held, values)) places.push({ service: sectionOf(other), slot });
  return places.find((place) => place.slot === wanted) ?? places[0];
}

/** What a service's slots hold once it has heard this turn; for the service spoken to, what they held before. */
function heldBy(
  other: string,
  { service, frames, known }: Pick<Search, "service" | "frames" | "known">,
): ReadonlyMap<string, Canonicals> {
  const held = new Map(known.slots.get(other));
  if (other === service) return held;
  const frame = frames.find((candidate) => candidate.service === other);
  for (const [slot, value] of said(frame?.actions ?? [])) held.set(slot, new Set([value]));
  return held;
}

function inOffers({ service, known }: Search, wanted: string, values: Canonicals): Source | undefined {
  const places: Source[] = [];
  for (const offering of new Set([service, ...known.slots.keys()]))
    for (const [item, row] of (known.offers.get(offering) ?? []).entries())
      for (const [slot, value] of Object.entries(row))
        if (values.has(value)) places.push({ offer: sectionOf(offering), item, slot });
  return places.find((place) => place.slot === wanted) ?? places[0];
}
