import { FIRST_PAUSE_MS, GROWTH, LONGEST_PAUSE_MS, STEADY_MS } from "#runtime/doors/await-reply.ts";
import type { LoggedCommit } from "./logged-commits.ts";

/** How long a request to the function's URL is held at most, ms. */
const LONGEST_HELD_MS = 26_000;

/** How often a request that waits so long for its reply looks for it, if it begins at once. */
export function looksIn(waitedMs: number): number {
  let looks = 1;
  for (let [at, pause] = [0, FIRST_PAUSE_MS]; at < waitedMs; looks += 1) {
    const isSteady = at < STEADY_MS;
    at += pause;
    if (!isSteady) pause = Math.min(pause * GROWTH, LONGEST_PAUSE_MS);
  }
  return looks;
}

/** From each event that was replied to until its reply, ms, as far as a request may be held. */
export function waitsOf(commits: readonly LoggedCommit[]): readonly number[] {
  const begun = new Map<number, number>();
  const waits: number[] = [];
  for (const { at, events, inputs } of commits) {
    for (const { kind, first } of inputs) if (kind === "request") begun.set(first.event.sequence, at);
    for (const { type, data } of events) {
      const since = type === "ReplySent" ? begun.get(data.to) : undefined;
      if (since !== undefined) waits.push(Math.min(LONGEST_HELD_MS, at - since));
    }
  }
  return waits;
}

/** From the dispatch of each attempt until the agent's answer, ms: its function took no longer. */
export function agentTimesOf(commits: readonly LoggedCommit[]): readonly number[] {
  const dispatched = new Map<string, number>();
  const times: number[] = [];
  for (const { at, events, inputs } of commits) {
    for (const { kind, first } of inputs) {
      if (kind !== "answer" || !("attempt" in first.event.data)) continue;
      const since = dispatched.get(`${first.event.data.task}/${first.event.data.attempt}`);
      if (since !== undefined) times.push(at - since);
    }
    for (const { type, data } of events)
      if (type === "AttemptDispatched") dispatched.set(`${data.task}/${data.attempt}`, at);
  }
  return times;
}
