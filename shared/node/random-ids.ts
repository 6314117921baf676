import { randomBytes } from "node:crypto";
import type { Ids } from "#ports/clock.ts";
import { idCharacter, idLetter } from "./id-alphabet.ts";

// One letter of 4 bits and 25 characters of 5 bits: 129 random bits.
const LENGTH = 26;

/** Ids from the system's random source. */
export function createRandomIds(): Ids {
  return {
    next() {
      const bytes = randomBytes(LENGTH);
      let id = idLetter(bytes[0] ?? 0);
      for (let at = 1; at < LENGTH; at += 1) id += idCharacter(bytes[at] ?? 0);
      return id;
    },
  };
}
