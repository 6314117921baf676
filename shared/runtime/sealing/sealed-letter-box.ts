import { isSpineError } from "#core/errors.ts";
import type { SessionKey } from "#core/ids.ts";
import type { LetterBox } from "#ports/blobs.ts";
import { Mark, readMarkKey } from "../letters/letter-name.ts";
import type { Sealing } from "./sealing.ts";

/** Bodies of letters that name a session are stored sealed as a whole. */
export function sealedLetterBox(box: LetterBox, sealing: Sealing): LetterBox {
  return {
    ...box,
    async put(name, text) {
      const key = ownerOf(name);
      await box.put(name, key === undefined ? text : await sealing.whole(key, text));
    },
    async get(name) {
      const [key, text] = [ownerOf(name), await box.get(name)];
      return key === undefined || text === undefined ? text : sealing.open(key, text);
    },
  };
}

function ownerOf(name: string): SessionKey | undefined {
  try {
    const { name: letter, mark } = readMarkKey(name);
    return mark === Mark.body ? letter.key : undefined;
  } catch (error) {
    // A key of another list.
    if (isSpineError(error, "internal")) return undefined;
    throw error;
  }
}
