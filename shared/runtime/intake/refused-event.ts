import { isSpineError, messageOf, type SpineError } from "#core/errors.ts";

/** An event of spine-in that was refused: as it came, and why. */
export interface RefusedEvent {
  readonly body: string;
  readonly cause: string;
}

/** Sends events to the intake's dead letters: nobody waits for a refusal of what came over a bus. */
export type RefuseEvents = (events: readonly RefusedEvent[]) => Promise<void>;

const MAX_CAUSE = 1_000;

/**
 * Why an event was refused. What a schema says may quote what was sent, so only fields are named: a letter shows its cause to whoever
 * lists letters. A message's attribute takes no control characters, and need not hold all of a long text.
 */
export function causeOf(error: unknown): string {
  const code = isSpineError(error) ? `${error.code}: ` : "";
  const words = isSpineError(error, "input.schema") ? misfit(error) : messageOf(error);
  return `${code}${words}`.replaceAll(/[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd]/g, " ").slice(0, MAX_CAUSE);
}

const misfit = ({ problems }: SpineError): string =>
  `${[...new Set(problems.map(({ field }) => field))].join(", ")} does not fit its schema.`;
