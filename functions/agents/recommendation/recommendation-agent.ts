import { recommendation } from "#contracts/recommendation.ts";
import type { Recommendation, RecommendationView } from "#contracts/recommendation.ts";
import { answered } from "#core/contract.ts";
import type { Agent, Answered } from "#core/contract.ts";
import { createMemoryCatalogue, type Catalogue } from "./catalogue.ts";
import { OFFERS } from "./offers.ts";
import { ranked } from "./ranking.ts";

const MOST_ITEMS = 3;
/** Pounds for one unit of the currency that a customer named. Fixed, since advice needs an order of size, not a rate. */
const POUNDS = { GBP: 1, USD: 0.8, EUR: 0.85 } as const;
/** The lead over the second item at which the first is beyond doubt. */
const CLEAR_LEAD = 20;

/** Ranks the catalogue on what the customer wants, within what they can spend, with the reasons for each place. */
export const recommend = async (
  task: { readonly context: RecommendationView },
  needs: { readonly catalogue: Catalogue },
): Promise<Answered<Recommendation>> => {
  const { input, session, constraints, inquiry } = task.context;
  const { amount, service, services } = inquiry?.slots ?? {};
  const named = amount && amount.value * POUNDS[amount.currency];
  const limits = [named, constraints.budget].filter((limit) => limit !== undefined);
  const budget = limits.length > 0 ? Math.min(...limits) : undefined;

  const fitting = ranked(await needs.catalogue.items(), {
    text: input.text,
    services: services ?? (service ? [service] : []),
    needs: inquiry?.slots.needs ?? [],
    today: session.today,
    budget,
  });
  const within = fitting.filter((item) => budget === undefined || item.price <= budget);
  const [first, second] = within;
  if (first === undefined) {
    return answered({
      result: { items: [], considered: 0, nothing: fitting.length > 0 ? "over-budget" : "no-match" },
      confidence: 0,
    });
  }
  const lead = Math.min(1, (first.score - (second?.score ?? 0)) / CLEAR_LEAD);
  const confidence = Math.round((first.score / 100) * (0.5 + 0.5 * lead) * 100) / 100;
  return answered({ result: { items: within.slice(0, MOST_ITEMS), considered: within.length }, confidence });
};

/** The agent on a catalogue, by default on the one that ships. */
export const createAgent = (
  needs: { readonly catalogue: Catalogue } = { catalogue: createMemoryCatalogue(OFFERS) },
): Agent => recommendation.implement((task) => recommend(task, needs));
