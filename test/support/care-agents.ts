import type { Agent } from "#core/contract.ts";
import { SpineError } from "#core/errors.ts";
import { createAgent as documents } from "#functions/agents/documents/agent.ts";
import { agent as inquiry } from "#functions/agents/inquiry/agent.ts";
import { createAgent as recommendation } from "#functions/agents/recommendation/agent.ts";
import { agent as reply } from "#functions/agents/reply/agent.ts";
import { createAgent as scheduling } from "#functions/agents/scheduling/agent.ts";
import type { Calendar } from "#functions/agents/scheduling/calendar.ts";

/** An agent whose first attempts fail. */
export interface Trouble {
  readonly agent: string;
  readonly attempts: number;
}

/** The sample application's agents, on stores in memory. */
export function careAgents(
  calendar: Calendar,
  troubleIn: (session: string) => Trouble | undefined = () => undefined,
  /** What every agent waits for before it works. */
  heldIn: (session: string) => Promise<void> | undefined = () => undefined,
): readonly Agent[] {
  return [inquiry, scheduling({ calendar }), recommendation(), documents(), reply].map((agent) => ({
    ...agent,
    async run(task) {
      await heldIn(task.session);
      const { name } = agent.contract.spec;
      const trouble = troubleIn(task.session);
      if (trouble?.agent === name && task.attempt <= trouble.attempts)
        throw new SpineError("agent.failed", `What ${name} stands on does not answer.`, { retryable: true });
      return agent.run(task);
    },
  }));
}
