import { parseSessionKey, parseTaskId, type SessionKey } from "#core/ids.ts";
import { isJsonObject, type Json } from "#core/json.ts";
import type { LetterInput } from "#core/session/input.ts";
import type { Digest } from "#ports/digest.ts";
import type { Inbox } from "#ports/inbox.ts";

/** A message that a queue gave up on. */
export interface DeadLetter {
  readonly queue: string;
  readonly id: string;
  readonly body: string;
}

/** Turns a dead letter into an input of its session; false where the letter names none. */
export function createRecovery({
  inbox,
  digest,
}: {
  readonly inbox: Inbox;
  readonly digest: Digest;
}): (letter: DeadLetter) => Promise<boolean> {
  return async (letter) => {
    const read = readLetter(letter, digest);
    if (read === undefined) return false;
    await inbox.send(read.key, read.input);
    return true;
  };
}

function readLetter(
  { queue, id, body }: DeadLetter,
  digest: Digest,
): { readonly key: SessionKey; readonly input: LetterInput } | undefined {
  try {
    const message = JSON.parse(body) as Json;
    if (!isJsonObject(message)) return undefined;
    const key = parseSessionKey({ tenant: message["tenant"], session: message["session"] });
    const { task, attempt, correlation } = message;
    const about = typeof attempt === "number" ? { attempt: { task: parseTaskId(task), attempt } } : {};
    const input: LetterInput = {
      kind: "letter",
      source: `dead-letters/${queue}`,
      id,
      hash: digest.sha256(body),
      correlation: typeof correlation === "string" ? correlation : id,
      queue,
      reason: "received too often",
      ...about,
    };
    return { key, input };
  } catch {
    return undefined;
  }
}
