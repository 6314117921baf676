import { waitBoundsProblem, type WaitBounds } from "#core/wait-permits.ts";

/** Reads the bounds that a function is told, `TOTAL/PER_TENANT`. Throws where it is none: nobody is held by mistake. */
export function readWaits(text: string, name = "WAITS"): WaitBounds {
  const [, total, perTenant] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const bounds = { total: Number(total), perTenant: Number(perTenant) };
  const problem = waitBoundsProblem(bounds);
  if (problem !== undefined) throw new Error(`${name}: ${problem}.`);
  return bounds;
}
