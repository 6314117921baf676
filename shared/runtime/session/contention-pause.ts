import { chanceOf } from "#core/session/decide/chance.ts";

/** A try (read, decide, append) takes about this long: who comes back within it meets the same racers again. */
const FIRST_MS = 20;
const LONGEST_MS = 160;

/**
 * How long a caller waits after so many lost races, so that racers come back one after another: chance in a span that
 * doubles. All at once, n of them would make n²/4 tries.
 */
export const contentionPauseMs = (lost: number, seed: string): number =>
  Math.floor(Math.min(LONGEST_MS, FIRST_MS * 2 ** (lost - 1)) * chanceOf(seed));
