import { hash } from "node:crypto";
import type { Ids } from "#ports/clock.ts";
import { idCharacter, idLetter } from "#node/id-alphabet.ts";

const DRAWN = 19;
// 30 bits: a billion ids before the count begins again.
const COUNTED = 6;

/** The same ids in the same order for the same seed: for tests and simulation. Guessable, unlike real ids. */
export function createSeededIds(seed: string | number): Ids {
  let state = Number.parseInt(hash("sha256", String(seed), "hex").slice(0, 8), 16);
  let made = 0;

  // splitmix32: short and evenly spread. Its period of 2^32 does not matter, since the count keeps ids apart.
  function draw(): number {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  }

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
