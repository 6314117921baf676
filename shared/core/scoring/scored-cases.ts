import type { RunId } from "../ids.ts";
import type { Json } from "../json.ts";
import type { Commit } from "../session/commit.ts";
import type { RecordedEvent } from "../session/events.ts";
import type { ScoredCase } from "./scorer.ts";

/** Each reply of one session, with what it replies to; none whose input is not in these commits, which are in order. */
export function scoredCases(commits: readonly Pick<Commit, "events">[]): readonly ScoredCase[] {
  const events = commits.flatMap((commit) => commit.events);
  const inputs = new Map<number, { readonly type: string; readonly data: Json }>();
  const flows = new Map<RunId, string>();
  return events.flatMap((event, at) => {
    note(event, inputs, flows);
    if (event.type !== "ReplySent") return [];
    const { to, body, failed = false, run } = event.data;
    const input = inputs.get(to);
    if (input === undefined) return [];
    const flow = run && flows.get(run);
    const reply = { sequence: event.sequence, body, failed, ...(flow !== undefined && { flow }) };
    return [{ reply, input, events: events.slice(0, at + 1) }];
  });
}

function note(
  event: RecordedEvent,
  inputs: Map<number, { readonly type: string; readonly data: Json }>,
  flows: Map<RunId, string>,
): void {
  if (event.type === "InputAccepted") {
    const { type, data } = event.data.input;
    inputs.set(event.sequence, { type, data });
  }
  if (event.type === "RunQueued") flows.set(event.data.run, event.data.name);
}
