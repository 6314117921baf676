import type { RecordedEvent } from "#core/session/events.ts";
import type { SessionState } from "#core/session/state.ts";
import type { AgentHealth } from "#ports/agent-health.ts";

/** Counts what a commit says of its agents, for their circuit breakers. Losing a count is harmless. */
export function reportHealth(
  health: AgentHealth,
  before: SessionState,
  events: readonly RecordedEvent[],
): void {
  const working = new Map<string, string>(Object.values(before.tasks).map(({ id, agent }) => [id, agent]));
  for (const { type, data } of events) {
    if (type === "AttemptDispatched") working.set(data.task, data.agent);
    const agent = "task" in data && data.task !== undefined ? working.get(data.task) : undefined;
    if (agent === undefined) continue;
    if (type === "AnswerApplied" || type === "AnswerStale") health.report(agent, "ok");
    else if (type === "AttemptFailed") health.report(agent, "failed");
    else if (type === "AttemptTimedOut") health.report(agent, "timed-out");
  }
}
