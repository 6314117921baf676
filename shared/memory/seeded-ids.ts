import { hash } from "node:crypto";
import type { Ids } from "#ports/clock.ts";
import { createBits } from "./seeded-random.ts";
import { idCharacter, idLetter } from "#node/id-alphabet.ts";

const DRAWN = 19;
// 30 bits: a billion ids before the count begins again.
const COUNTED = 6;

/** The same ids in the same order for the same seed: for tests and simulation. Guessable, unlike real ids. */
export function createSeededIds(seed: string | number): Ids {
  const bits = createBits(Number.parseInt(hash("sha256", String(seed), "hex").slice(0, 8), 16));
  let made = 0;
  // Its period does not matter, since the count keeps ids apart.
  const draw = () => bits() | 0;

  return {
    next() {
      let id = idLetter(draw());
      for (let drawn = 0; drawn < DRAWN; drawn += 1) id += idCharacter(draw());
      for (let digit = COUNTED - 1; digit >= 0; digit -= 1) id += idCharacter(made >>> (5 * digit));
      made += 1;
      return id;
    },
  };
}
