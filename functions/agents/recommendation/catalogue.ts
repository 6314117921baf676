import type { Need, Service } from "#contracts/vocabulary.ts";

export type Season = "spring" | "summer" | "autumn" | "winter";

/** Something that can be recommended beside a single visit: a plan, a package, an extra. */
export interface CatalogueItem {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Pounds, once or for a year. */
  readonly price: number;
  readonly services: readonly Service[];
  readonly suits: readonly Need[];
  readonly seasons: readonly Season[];
  /** Share of customers who took it, 0 to 1. */
  readonly popularity: number;
}

export interface Catalogue {
  items(): Promise<readonly CatalogueItem[]>;
}

export const createMemoryCatalogue = (items: readonly CatalogueItem[]): Catalogue => ({
  items: () => Promise.resolve(items),
});
