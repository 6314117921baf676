import { civilDay } from "#contracts/day.ts";
import type { Feature, RecommendedItem } from "#contracts/recommendation.ts";
import type { Need, Service } from "#contracts/vocabulary.ts";
import type { CatalogueItem, Season } from "./catalogue.ts";

/** What of the context bears on the choice. */
export interface Wishes {
  readonly text: string;
  readonly services: readonly Service[];
  readonly needs: readonly Need[];
  readonly today: string;
  readonly budget: number | undefined;
}

/** The most that each feature can give; together 100. */
const WEIGHTS: Readonly<Record<Feature, number>> = {
  service: 40,
  needs: 30,
  words: 12,
  value: 10,
  season: 3,
  popularity: 5,
};

const COMMON = new Set(
  "the and for with that this you your our are from all can could would please have need want what which some any one two into out about them they there week year day home house service visit recommend something best good".split(
    " ",
  ),
);

/** Words that carry meaning, without a plural's end and cut to five letters so that "cleaning" and "cleaned" meet. */
const stems = (text: string): ReadonlySet<string> =>
  new Set(
    (text.toLowerCase().match(/[a-z]{3,}/g) ?? [])
      .filter((word) => !COMMON.has(word))
      .map((word) => word.replace(/s$/, "").slice(0, 5)),
  );

const seasonOf = (today: string): Season => {
  const month = civilDay(today)?.month ?? 1;
  return month >= 3 && month <= 5
    ? "spring"
    : month >= 6 && month <= 8
      ? "summer"
      : month >= 9 && month <= 11
        ? "autumn"
        : "winter";
};

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

const pointsOf = (item: CatalogueItem, wishes: Wishes): Readonly<Record<Feature, number>> => {
  const offered = stems(`${item.name} ${item.description}`);
  const asked = stems(wishes.text);
  // Three shared words are as convincing as ten.
  const shared = Math.min(3, [...asked].filter((stem) => offered.has(stem)).length);
  const wantsCheap = wishes.needs.includes("cheap");
  const parts: Readonly<Record<Feature, number>> = {
    service: item.services.some((service) => wishes.services.includes(service)) ? 1 : 0,
    needs: share(item.suits.filter((need) => wishes.needs.includes(need)).length, wishes.needs.length),
    words: shared / 3,
    value:
      wishes.budget === undefined && !wantsCheap ? 0 : Math.max(0, 1 - item.price / (wishes.budget ?? 300)),
    season: item.seasons.includes(seasonOf(wishes.today)) ? 1 : 0,
    popularity: item.popularity,
  };
  return {
    service: parts.service * WEIGHTS.service,
    needs: parts.needs * WEIGHTS.needs,
    words: parts.words * WEIGHTS.words,
    value: parts.value * WEIGHTS.value,
    season: parts.season * WEIGHTS.season,
    popularity: parts.popularity * WEIGHTS.popularity,
  };
};

const rounded = (value: number): number => Math.round(value * 10) / 10;

/** Season and popularity alone say nothing about this customer. */
const isAbout = (points: Readonly<Record<Feature, number>>, wishes: Wishes): boolean =>
  points.service > 0 ||
  (wishes.services.length === 0 && (points.needs > 0 || points.words >= WEIGHTS.words / 2));

/** The items that have to do with the wishes, best first, each with its points. Ties go by price, then by id. */
export const ranked = (items: readonly CatalogueItem[], wishes: Wishes): readonly RecommendedItem[] =>
  items
    .flatMap((item) => {
      const points = pointsOf(item, wishes);
      if (!isAbout(points, wishes)) return [];
      // Object.entries forgets the keys of a closed record.
      const reasons = (Object.entries(points) as [Feature, number][])
        .map(([feature, value]) => ({ feature, points: rounded(value) }))
        .filter((reason) => reason.points > 0)
        .sort((a, b) => b.points - a.points);
      const score = rounded(reasons.reduce((sum, reason) => sum + reason.points, 0));
      return [{ id: item.id, name: item.name, price: item.price, score, reasons }];
    })
    .sort((a, b) => b.score - a.score || a.price - b.price || a.id.localeCompare(b.id));
