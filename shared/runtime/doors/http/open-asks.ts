import type { SessionKey } from "#core/ids.ts";
import { openAskIds } from "#core/session/decide/asked.ts";
import type { SessionState } from "#core/session/state.ts";
import type { SessionReader } from "../../session/create-session-reader.ts";

/** A question to a person that is still open. */
export interface OpenAsk {
  readonly ask: string;
  readonly question: string;
  /** Session time at which nobody is waited for any more, ms. */
  readonly dueAt: number;
}

/** The questions that a session waits for, oldest first. Reads the log only when there are some. */
export async function openAsks(
  reader: SessionReader,
  key: SessionKey,
  state: SessionState,
): Promise<readonly OpenAsk[]> {
  const open = new Set(openAskIds(state));
  if (open.size === 0) return [];
  const events = await reader.events(key);
  return events.flatMap((event) =>
    event.type === "HumanAsked" && open.has(event.data.ask)
      ? [{ ask: event.data.ask, question: event.data.question, dueAt: event.data.dueAt }]
      : [],
  );
}
