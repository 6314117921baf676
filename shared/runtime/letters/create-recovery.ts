import type { Inbox } from "#ports/queues.ts";
import { readLetter, type DeadLetter, type LetterReading } from "./read-letter.ts";

/** Turns a dead letter into an input of its session; false where it is nobody's. A letter that came back is let go. */
export function createRecovery({
  inbox,
  ...reading
}: LetterReading & { readonly inbox: Inbox }): (letter: DeadLetter) => Promise<boolean> {
  return async (letter) => {
    const read = await readLetter(letter, reading);
    if (read.type === "letter") await inbox.send({ key: read.key, input: read.input });
    return read.type !== "nobody's";
  };
}
