import type { Service } from "#contracts/vocabulary.ts";

/** Pounds for one visit, including VAT. */
export type PriceList = Readonly<Record<Service, number>>;

export const PRICES: PriceList = {
  "boiler-service": 89,
  "boiler-repair": 125,
  plumbing: 95,
  electrical: 110,
  "deep-cleaning": 160,
  "window-cleaning": 55,
  gardening: 70,
  painting: 240,
  roofing: 130,
  "pest-control": 105,
  locksmith: 120,
  "appliance-repair": 85,
};
