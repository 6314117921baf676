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
 * The permits that a tenant may take, of those that there are: its own choice of them, which follows from its name. So one write of a permit
 * bounds both, the tenant's share and the whole; and two tenants have few permits in common, so that one that takes all of its own
 * leaves others most of theirs.
 */
export function permitsOf(tenant: string, { total, perTenant }: WaitBounds): readonly number[] {
  const permits = Array.from({ length: total }, (_, permit) => permit);
  if (perTenant >= total) return permits;
  const ranked = permits.map((permit) => ({ permit, rank: chanceOf(`${tenant}/${permit}`) }));
  return ranked
    .toSorted((a, b) => a.rank - b.rank || a.permit - b.permit)
    .slice(0, perTenant)
    .map(({ permit }) => permit);
}

/** At most so many of them, from a permit that follows from the seed: who come at once ask for different ones first. */
export function permitsToTry(permits: readonly number[], seed: string, most: number): readonly number[] {
  const from = Math.floor(chanceOf(seed) * permits.length);
  return [...permits.slice(from), ...permits.slice(0, from)].slice(0, most);
}
