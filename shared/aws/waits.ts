import { waitBoundsProblem, type WaitBounds } from "#core/wait-slots.ts";

/** The bounds as a function is told them. */
export const waitsText = ({ total, perTenant }: WaitBounds): string => `${total}/${perTenant}`;

/** Reads that text. Throws where it is none: nobody is held by mistake. */
export function readWaits(text: string): WaitBounds {
  const [, total, perTenant] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const bounds = { total: Number(total), perTenant: Number(perTenant) };
  const problem = waitBoundsProblem(bounds);
  if (problem !== undefined) throw new Error(`WAITS: ${problem}.`);
  return bounds;
}
