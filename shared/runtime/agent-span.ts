import type { Usage } from "#core/contract.ts";
import type { TaskMessage } from "#core/session/messages.ts";
import type { SpanAttributes, SpanStart } from "#ports/tracer.ts";

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

/** The conventions have no attribute for what is not told apart, and none for money. */
export const usageAttributes = ({ tokens, money, inputTokens, outputTokens }: Usage): SpanAttributes => ({
  "gen_ai.usage.input_tokens": inputTokens,
  "gen_ai.usage.output_tokens": outputTokens,
  "event_spine.usage.tokens": tokens,
  "event_spine.usage.money": money,
});

/** What counts against the session's budgets. */
export function chargedFor({ tokens, money, inputTokens, outputTokens }: Usage): Usage {
  const both =
    inputTokens !== undefined && outputTokens !== undefined ? inputTokens + outputTokens : undefined;
  const charged = tokens ?? both;
  return { ...(charged !== undefined && { tokens: charged }), ...(money !== undefined && { money }) };
}
