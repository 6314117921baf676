import type { Agent } from "#core/contract.ts";
import { SpineError } from "#core/errors.ts";
import type { Clock } from "#ports/clock.ts";
import { createMemoryDocumentStore } from "#functions/agents/documents/document-store.ts";
import { documentsAgent } from "#functions/agents/documents/documents.ts";
import { PRICES } from "#functions/agents/documents/price-list.ts";
import { inquiryAgent } from "#functions/agents/inquiry/inquiry.ts";
import { createMemoryCatalogue } from "#functions/agents/recommendation/catalogue.ts";
import { OFFERS } from "#functions/agents/recommendation/offers.ts";
import { recommendationAgent } from "#functions/agents/recommendation/recommendation.ts";
import { replyAgent } from "#functions/agents/reply/reply.ts";
import type { Calendar } from "#functions/agents/scheduling/calendar.ts";
import { schedulingAgent } from "#functions/agents/scheduling/scheduling.ts";
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

/** The sample application's agents on stores in memory. */
export function createLocalAgents(options: LocalAgentsOptions): readonly Agent[] {
  const { clock, calendar, workingTimes = {}, troubleIn = () => undefined } = options;
  const agents = [
    inquiryAgent,
    schedulingAgent({ calendar }),
    documentsAgent({ store: createMemoryDocumentStore(), prices: PRICES }),
    recommendationAgent({ catalogue: createMemoryCatalogue(OFFERS) }),
    replyAgent,
  ];
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
