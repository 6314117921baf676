import type { TaskMessage } from "#core/session/task-messages.ts";
import type { SpanStart } from "#ports/tracer.ts";

/** An agent's run, named and described as OpenTelemetry's conventions for generative AI have it (in development there). */
export const agentSpan = (message: TaskMessage): SpanStart => ({
  name: `invoke_agent ${message.agent}`,
  kind: "internal",
  attributes: {
    "gen_ai.operation.name": "invoke_agent",
    "gen_ai.agent.name": message.agent,
    "gen_ai.conversation.id": message.session,
    "event_spine.tenant": message.tenant,
    "event_spine.task": message.task,
    "event_spine.attempt": message.attempt,
    "event_spine.step": message.step,
    "event_spine.as_of": message.asOf,
  },
});
