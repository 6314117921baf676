import type { Agent } from "#core/contract.ts";
import { SpineError } from "#core/errors.ts";
import { contractsOf } from "#core/flow/application.ts";
import { customerCareApplication } from "#flows/customer-care.ts";
import { createAgent as scheduling } from "#functions/agents/scheduling/scheduling-agent.ts";
import type { Calendar } from "#functions/agents/scheduling/calendar.ts";
import { pathOf } from "../../infra/stacks/customer-care-stack.ts";

/** An agent whose first attempts fail. */
export interface Trouble {
  readonly agent: string;
  readonly attempts: number;
}

/** An agent's module has the agent, or makes one on a store in memory. */
interface AgentModule {
  readonly agent?: Agent;
  readonly createAgent?: () => Agent;
}

/** All agents of the sample application but the one that is handed its calendar. */
const others = await Promise.all(
  contractsOf(customerCareApplication)
    .map(({ spec }) => spec.name)
    .filter((name) => name !== "scheduling")
    .map(async (name) => {
      const path = pathOf(`functions/agents/${name}/${name}-agent.ts`);
      const module = (await import(/* @vite-ignore */ path)) as AgentModule;
      const agent = module.agent ?? module.createAgent?.();
      if (agent === undefined) throw new Error(`${path} exports neither agent nor createAgent.`);
      return agent;
    }),
);

/** The sample application's agents, on stores in memory. */
export function careAgents(
  calendar: Calendar,
  troubleIn: (session: string) => Trouble | undefined = () => undefined,
  /** What every agent waits for before it works. */
  heldIn: (session: string) => Promise<void> | undefined = () => undefined,
): readonly Agent[] {
  return [scheduling({ calendar }), ...others].map((agent) => ({
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
