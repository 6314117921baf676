import { waitBoundsProblem, type WaitBounds } from "#core/wait-permits.ts";

/** How many requests may be held for their replies at once; each holds an environment of Lambda. */
export interface Waits {
  /** Of all tenants together, up to 10,000. 0 holds none. @default 200 */
  readonly total?: number;
  /** Of one tenant. @default a quarter of them, or all of them if there is only one tenant */
  readonly perTenant?: number;
}

const TOTAL = 200;
const SHARE = 4;

/** The bounds as the ingress function is told them. */
export const waitsText = ({ total, perTenant }: WaitBounds): string => `${total}/${perTenant}`;

/** The bounds as they are deployed. Throws for invalid ones. */
export function waitBounds(given: Waits = {}, hasTenants = true, name = "waits"): WaitBounds {
  const { total = TOTAL } = given;
  const { perTenant = hasTenants ? Math.ceil(total / SHARE) : total } = given;
  const problem = waitBoundsProblem({ total, perTenant });
  if (problem !== undefined) throw new Error(`${name}.${problem}.`);
  return { total, perTenant };
}
