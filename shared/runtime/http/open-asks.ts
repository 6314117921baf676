import type { SessionKey } from "#core/ids.ts";
import { liveRuns, type SessionState } from "#core/session/state.ts";
import type { SessionReader } from "../create-session-reader.ts";

/** A question to a person that is still open. */
export interface OpenAsk {
  readonly ask: string;
  readonly question: string;
  /** Session time at which nobody is waited for any more, ms. */
  readonly dueAt: number;
}

/** Ids of the questions that the state holds open. */
function openIds(state: SessionState): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { phase } of Object.values(state.tasks)) if (phase.name === "asked") ids.add(phase.ask);
  for (const run of liveRuns(state)) {
    for (const step of Object.values(run.steps))
      if (step.status === "open" && step.kind === "human") ids.add(step.ask);
  }
  return ids;
}

/** The questions that a session waits for, oldest first. Reads the log only when there are some. */
export async function openAsks(
  reader: SessionReader,
  key: SessionKey,
  state: SessionState,
): Promise<readonly OpenAsk[]> {
  const open = openIds(state);
  if (open.size === 0) return [];
  const events = await reader.events(key);
  return events.flatMap((event) =>
    event.type === "HumanAsked" && open.has(event.data.ask)
      ? [{ ask: event.data.ask, question: event.data.question, dueAt: event.data.dueAt }]
      : [],
  );
}
