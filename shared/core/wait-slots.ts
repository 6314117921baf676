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

/** A number that follows from a text, evenly spread over 32 bits (FNV-1a with a last stir). */
function numberOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * The places that a tenant may take, of those that there are: its own choice of them, which follows from its name. So one write of a place
 * bounds both, the tenant's share and the whole; and two tenants have few places in common, so that one that takes all of its own
 * leaves others most of theirs.
 */
export function slotsOf(tenant: string, { total, perTenant }: WaitBounds): readonly number[] {
  const slots = Array.from({ length: total }, (_, slot) => slot);
  if (perTenant >= total) return slots;
  const ranked = slots.map((slot) => ({ slot, rank: numberOf(`${tenant}/${slot}`) }));
  return ranked
    .toSorted((a, b) => a.rank - b.rank || a.slot - b.slot)
    .slice(0, perTenant)
    .map(({ slot }) => slot);
}

/** At most so many of them, from a place that follows from the seed: who come at once ask for different ones first. */
export function slotsToTry(slots: readonly number[], seed: string, most: number): readonly number[] {
  const from = slots.length === 0 ? 0 : numberOf(seed) % slots.length;
  return [...slots.slice(from), ...slots.slice(0, from)].slice(0, most);
}
