import { chanceOf } from "./session/decide/chance.ts";

/** How many requests may be held at once. */
export interface WaitBounds {
  /** Of all tenants together. */
  readonly total: number;
  /** Of one tenant; as many as there are where there is one tenant only. */
  readonly perTenant: number;
}

export const waitBoundsProblem = ({ total, perTenant }: WaitBounds): string | undefined => {
  const whole = (value: number) => Number.isInteger(value) && value >= 0 && value <= MOST;
  if (!whole(total)) return `total is ${total}. Give a whole number from 0 to ${MOST}`;
  if (!whole(perTenant) || perTenant > total)
    return `perTenant is ${perTenant}. Give a whole number from 0 to ${total}, the total`;
  return undefined;
};
const MOST = 10_000;

/**
 * The places that a tenant may take, of those that there are: its own choice of them, which follows from its name. So one write of a place
 * bounds both, the tenant's share and the whole; and two tenants have few places in common, so that one that takes all of its own
 * leaves others most of theirs.
 */
export function slotsOf(tenant: string, { total, perTenant }: WaitBounds): readonly number[] {
  const slots = Array.from({ length: total }, (_, slot) => slot);
  if (perTenant >= total) return slots;
  const ranked = slots.map((slot) => ({ slot, rank: chanceOf(`${tenant}/${slot}`) }));
  return ranked
    .toSorted((a, b) => a.rank - b.rank || a.slot - b.slot)
    .slice(0, perTenant)
    .map(({ slot }) => slot);
}

/** At most so many of them, from a place that follows from the seed: who come at once ask for different ones first. */
export function slotsToTry(slots: readonly number[], seed: string, most: number): readonly number[] {
  const from = Math.floor(chanceOf(seed) * slots.length);
  return [...slots.slice(from), ...slots.slice(0, from)].slice(0, most);
}
