import type { WaitBounds } from "#core/wait-permits.ts";
import { waitBounds, type Waits } from "./wait-bounds.ts";

/** How many streams of sessions' events may be open at once; each holds an environment of Lambda. */
export interface Streams extends Waits {
  /** Of all tenants together, up to 10,000. @default 100, or as many as are reserved */
  readonly total?: number;
  /**
   * Environments of Lambda that are reserved for streams, which are also the most that there are: streams then take nothing of the
   * account's concurrency from other functions, nor these from streams.
   * @default none
   */
  readonly reservedConcurrency?: number;
}

const TOTAL = 100;

/** The bounds as they are deployed. Throws for invalid ones. */
export function streamBounds(given: Streams = {}, hasTenants = true): WaitBounds {
  const { reservedConcurrency: reserved, total = reserved ?? TOTAL, perTenant } = given;
  if (reserved !== undefined && !(Number.isInteger(reserved) && reserved >= 1))
    throw new Error(`streams.reservedConcurrency is ${reserved}. Give a whole number, 1 or more.`);
  if (reserved !== undefined && total > reserved)
    throw new Error(`streams.total is ${total}. Give at most the ${reserved} that are reserved.`);
  return waitBounds({ total, ...(perTenant !== undefined && { perTenant }) }, hasTenants, "streams");
}
