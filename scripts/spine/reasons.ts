import { explainEvents } from "#core/session/explain-events.ts";
import type { LoggedEvent } from "#client/client.ts";

/** Why an event says what it says. */
export interface Reason {
  readonly logged: LoggedEvent;
  readonly text: string;
}

/** The events of a log that have a reason, each with it. The whole log is read: a reason names what came before. */
export function reasonsIn(logged: readonly LoggedEvent[]): readonly Reason[] {
  const texts = explainEvents(logged.map(({ event }) => event));
  // Whether an event has a reason follows from the event alone, its words from those before it as well.
  const explained = logged.filter(({ event }) => explainEvents([event]).length > 0);
  return explained.map((one, at) => ({ logged: one, text: texts[at] ?? "" }));
}
