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

/** What a session waits for, in words, one line each. */
export function waitsOf(state: SessionState): readonly string[] {
  const lines: string[] = [];
  for (const { agent, attempt, phase } of Object.values(state.tasks)) {
    switch (phase.name) {
      case "dispatched":
        lines.push(`${agent} works on attempt ${attempt}, on the context as of ${phase.asOf}`);
        break;
      case "claimed":
        lines.push(`${agent} claimed its effect in attempt ${attempt} and has not answered yet`);
        break;
      case "backoff":
        lines.push(`${agent} is called again after a pause`);
        break;
      case "asked":
        lines.push(`a person stands in for ${agent}: question ${phase.ask} is open`);
        break;
      case "ready":
        lines.push(`${agent} is about to be called`);
    }
  }
  for (const run of Object.values(state.runs)) {
    if (run.status === "queued") {
      lines.push(`${run.name} for the event at ${run.trigger} waits for its turn`);
      continue;
    }
    if (run.status === "suspended") lines.push(`${run.name} is suspended by an urgent run`);
    for (const [name, step] of Object.entries(run.steps)) {
      if (step.status !== "open") continue;
      if (step.kind === "human") lines.push(`a person: question ${step.ask} of ${run.name} is open`);
      if (step.kind === "wait") lines.push(`an event ${step.event}, for ${run.name} at ${name}`);
    }
  }
  for (const [source, { next, held }] of Object.entries(state.ordinals)) {
    if (Object.keys(held).length > 0) lines.push(`the event that ${source} numbered ${next}`);
  }
  return lines;
}
