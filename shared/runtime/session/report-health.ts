import { SLOW_SHARE } from "#core/breaker.ts";
import { DEADLINE_GRACE_MS } from "#core/flow/bounds.ts";
import type { FlowBook } from "#core/session/decide/draft.ts";
import { contractOf } from "#core/session/decide/tasks.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import type { SessionState, TaskState } from "#core/session/state.ts";
import type { AgentHealth } from "#ports/agents.ts";

/** Counts what a commit says of its agents, for their circuit breakers. Losing a count is harmless. */
export function reportHealth(
  health: AgentHealth,
  before: SessionState,
  {
    events,
    now,
    book,
  }: { readonly events: readonly RecordedEvent[]; readonly now: number; readonly book: FlowBook },
): void {
  const working = new Map<string, string>(Object.values(before.tasks).map(({ id, agent }) => [id, agent]));
  for (const { type, data } of events) {
    if (type === "AttemptDispatched") working.set(data.task, data.agent);
    const agent = "task" in data && data.task !== undefined ? working.get(data.task) : undefined;
    if (agent === undefined) continue;
    if (type === "AnswerApplied" || type === "AnswerStale") {
      const task = before.tasks[data.task];
      health.report(agent, task !== undefined && isSlow(before, book, task, now) ? "slow" : "ok");
    } else if (type === "AnswerUnusable") health.report(agent, "ok");
    else if (type === "AttemptFailed") health.report(agent, "failed");
    else if (type === "AttemptTimedOut") health.report(agent, "timed-out");
  }
}

/** Whether an answer that came now left little of its time. Where its run's end cut that time short nothing can be said. */
function isSlow(state: SessionState, book: FlowBook, task: TaskState, now: number): boolean {
  const run = state.runs[task.run];
  if (task.phase.name !== "dispatched" || run === undefined || run.status === "queued") return false;
  const deadline = task.phase.dueAt - DEADLINE_GRACE_MS;
  if (deadline >= run.dueAt) return false;
  const { timeoutMs } = contractOf(book, run, task);
  return timeoutMs - (deadline - now) >= SLOW_SHARE * timeoutMs;
}
