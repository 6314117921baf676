import { parseAgentName, parseRunId, parseSessionKey, parseTaskId } from "#core/ids.ts";
import type { SessionAdvanced, TaskMessage } from "#core/session/task-messages.ts";

export const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/** A task as an agent's queue carries it. */
export const task = (more: Partial<TaskMessage>): TaskMessage => ({
  ...parseSessionKey({ tenant: "acme", session: "s-1" }),
  task: parseTaskId("t-1"),
  attempt: 1,
  agent: parseAgentName("greeter"),
  lane: "normal",
  run: parseRunId("r-1"),
  step: "0",
  effect: "none",
  deadline: 4_000_000_000_000,
  asOf: 3,
  view: { input: { who: "Ada" } },
  linked: false,
  budget: {},
  answerBy: "door",
  correlation: "order-1",
  traceparent: TRACEPARENT,
  committedAt: 0,
  idempotencyKey: "acme/s-1/t-1",
  token: "a-secret-token",
  ...more,
});

export const advance = (more: Partial<SessionAdvanced> = {}): SessionAdvanced => ({
  tenant: "acme",
  session: "s-1",
  first: 4,
  last: 5,
  types: ["RunStarted", "TaskDispatched"],
  hash: "h",
  time: 1_800_000_000_000,
  correlation: ["order-1"],
  events: [{ type: "RunStarted", traceparent: TRACEPARENT }, { type: "TaskDispatched" }],
  ...more,
});
