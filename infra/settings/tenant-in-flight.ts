/** More groups than a mapping can run batches of bound nothing. */
const MOST = 1_000;

/** Returns the bound. Throws for one that would bound nothing, or stop everything. */
export function checkTenantInFlight(bound: number | undefined): number | undefined {
  if (bound === undefined || (Number.isInteger(bound) && bound >= 1 && bound <= MOST)) return bound;
  throw new Error(
    `tenantInFlight is ${bound}. Give a whole number from 1 to ${MOST}, or leave it out for no bound.`,
  );
}
