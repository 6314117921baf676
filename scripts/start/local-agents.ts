import type { Agent } from "#core/contract.ts";
import { SpineError } from "#core/errors.ts";
import type { Clock } from "#ports/clock.ts";
import { contractsOf } from "#core/flow/compile.ts";
import { customerCareApplication } from "#flows/customer-care.ts";
import type { Calendar } from "#functions/agents/scheduling/calendar.ts";
import { loadAgent } from "./load-agent.ts";
import type { Sample } from "./samples.ts";

/** How long each agent is made to work, so that a timeline shows what runs side by side. 0 for none. */
export type WorkingTimes = Readonly<Record<string, number>>;

export const SAMPLE_TIMES: WorkingTimes = {
  inquiry: 20,
  scheduling: 60,
  recommendation: 40,
  documents: 25,
  reply: 15,
};

export interface LocalAgentsOptions {
  readonly clock: Clock;
  readonly calendar: Calendar;
  /** @default none */
  readonly workingTimes?: WorkingTimes;
  /** What goes wrong in which session. @default nothing */
  readonly troubleIn?: (session: string) => Sample["trouble"];
}

/** The sample application's agents, each loaded from its own folder, on stores in memory. */
export async function createLocalAgents(options: LocalAgentsOptions): Promise<readonly Agent[]> {
  const { clock, calendar, workingTimes = {}, troubleIn = () => undefined } = options;
  const contracts = contractsOf(customerCareApplication);
  const agents = await Promise.all(contracts.map((contract) => loadAgent(contract, { calendar })));
  return agents.map((agent) => {
    const { name } = agent.contract.spec;
    return {
      contract: agent.contract,
      async run(task) {
        await clock.sleep(workingTimes[name] ?? 0);
        const trouble = troubleIn(task.session);
        if (trouble?.agent === name && task.attempt <= trouble.attempts)
          throw new SpineError("agent.failed", `What ${name} stands on does not answer.`, {
            retryable: true,
          });
        return agent.run(task);
      },
    };
  });
}
