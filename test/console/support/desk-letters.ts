import { ApiError } from "#client/api-error.ts";
import type { Operate } from "#client/operate.ts";
import { parseSessionKey, type TenantId } from "#core/ids.ts";
import { createMemoryLetterBox } from "#memory/memory-letter-box.ts";
import type { LetterBox } from "#ports/blobs.ts";
import { letterPrefix, Mark, markKey, NOTHING, readMarkKey } from "#runtime/letters/letter-name.ts";
import type { OperatorRequest } from "#runtime/letters/operator-protocol.ts";
import { MORNING } from "./desk.ts";

const nameAt = (minutes: number): string => `${MORNING + minutes * 60_000}-0-0f3a`;

/** Dead letters of the morning: one that is recorded in a session, one that waits for a person, and one that was closed. */
export const LETTER = nameAt(0);
export const PARKED = nameAt(2);
const LETTERS = [
  [LETTER, "roof-0815", Mark.recorded],
  [PARKED, "garden-4711", Mark.parked],
  [nameAt(5), "roof-0815", Mark.discarded],
] as const;

export async function deskLetters(tenant: TenantId): Promise<LetterBox> {
  const box = createMemoryLetterBox();
  for (const [letter, session, became] of LETTERS) {
    const key = parseSessionKey({ tenant, session });
    for (const mark of [Mark.body, became])
      await box.put(markKey({ letter, queue: "agent-quotes", key }, mark), NOTHING);
  }
  return box;
}

/** Sends no letter back, and marks it as if it had; a parked one cannot go back yet. Keeps what it was asked. */
export function deskOperate(box: LetterBox, asked: OperatorRequest[]): Operate {
  const operate = async (request: OperatorRequest): Promise<unknown> => {
    asked.push(request);
    if (request.op !== "redrive") return {};
    if (request.letter === PARKED) throw new ApiError(404, "the session cannot be read");
    const [found] = await box.list(letterPrefix(request.letter), 1);
    if (found === undefined) throw new ApiError(404, "there is no such letter");
    await box.put(markKey(readMarkKey(found).name, Mark.redriven), NOTHING);
    return { as: "deadline" };
  };
  return operate as Operate; // each answer is that of what was asked
}
