import { isSpineError, messageOf } from "#core/errors.ts";
import { boundedText } from "#core/problems.ts";

/** What a log line says of something that went wrong. */
export interface Trouble {
  readonly what: string;
  readonly code: string;
  readonly message?: string;
}

const MAX_MESSAGE = 300;
const MAX_CODE = 100;

/** Codes whose messages are made of names and of what AWS said. */
const TELLABLE: readonly string[] = [
  "queue.rejected",
  "notice.rejected",
  "log.unavailable",
  "secret.unavailable",
  "session.contended",
];

/**
 * What may be logged of an error. Another spine error's message may quote what somebody sent, and one of the engine's parsers always
 * does: of those only the code or the name is logged.
 */
export function troubleOf(error: unknown, what: string): Trouble {
  const message = messageOf(error);
  const about = boundedText(what.replace(`: ${message}`, ""), MAX_MESSAGE);
  if (isSpineError(error)) {
    const told = TELLABLE.includes(error.code) ? { message: boundedText(message, MAX_MESSAGE) } : {};
    return { what: about, code: error.code, ...told };
  }
  const code = error instanceof Error ? boundedText(error.name, MAX_CODE) : "Error";
  if (error instanceof SyntaxError) return { what: about, code };
  return { what: about, code, message: boundedText(message, MAX_MESSAGE) };
}
