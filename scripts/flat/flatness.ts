import { grow, measureInTurn, type Cost } from "./measure.ts";
import type { Stored } from "./world.ts";

/** What an event costs late in a long session, against early in it; and beside many agents, against few. */
export const WINDOW = 100;
export const EARLY = 100;
export const LATE = 9_900;
export const ROUNDS = 15;
export const FEW = 3;
export const MANY = 100;
const WARM_UP_EVENTS = 1_500;

export interface Flatness {
  readonly young: Cost;
  readonly old: Cost;
  readonly beside: Cost;
  /** The sessions that stood at the beginning and near the end. */
  readonly grown: readonly [Stored, Stored];
}

/** Grows sessions and measures a window of each in turn. */
export async function measureFlatness(): Promise<Flatness> {
  await grow(FEW, [WARM_UP_EVENTS]);
  await grow(MANY, [WARM_UP_EVENTS]);
  const [early, late] = await grow(FEW, [EARLY, LATE]);
  const [crowded] = await grow(MANY, [EARLY]);
  if (early === undefined || late === undefined || crowded === undefined) throw new Error("No session grew.");
  const [young, old, beside] = await measureInTurn(
    [
      { agents: FEW, stored: early },
      { agents: FEW, stored: late },
      { agents: MANY, stored: crowded },
    ],
    WINDOW,
    ROUNDS,
  );
  if (young === undefined || old === undefined || beside === undefined)
    throw new Error("Nothing was measured.");
  return { young, old, beside, grown: [early, late] };
}
