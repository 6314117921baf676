import { SpineError } from "#core/errors.ts";

/** Most that is read of a remote answer, characters: a result has at most 200,000 bytes. */
export const MAX_REMOTE_CHARACTERS = 1_000_000;

/** What passes by itself: asked again, the same request may succeed. */
const PASSING = [408, 409, 425, 429];

/** A failure by its status alone: what the other side wrote stays out of logs. */
export function remoteFailure(status: number): SpineError {
  const retryable = status >= 500 || PASSING.includes(status);
  return new SpineError("agent.failed", `The remote agent answered ${status}.`, { retryable });
}

/** The text of an answer as it comes. Throws `agent.failed` where it is longer than `MAX_REMOTE_CHARACTERS`. */
export async function* textParts({ body }: Response): AsyncGenerator<string, void> {
  if (body === null) return;
  const decoder = new TextDecoder();
  let length = 0;
  // A stream of the platform is read part by part.
  for await (const bytes of body as AsyncIterable<Uint8Array>) {
    const part = decoder.decode(bytes, { stream: true });
    length += part.length;
    if (length > MAX_REMOTE_CHARACTERS)
      throw new SpineError(
        "agent.failed",
        `The remote agent's answer is longer than ${MAX_REMOTE_CHARACTERS}.`,
      );
    yield part;
  }
}

export async function wholeText(response: Response): Promise<string> {
  let text = "";
  for await (const part of textParts(response)) text += part;
  return text;
}
