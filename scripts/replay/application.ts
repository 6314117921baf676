import * as z from "zod";
import { defineAgent } from "#core/contract.ts";
import type { Contract, RetrySpec } from "#core/contract.ts";
import type { ApplicationDefinition } from "#core/flow/application.ts";
import { choice, defineFlow, sequence, step, transform } from "#core/flow/build.ts";
import type { PlanNode } from "#core/flow/plan.ts";
import type { Service } from "./dialogue-schema.ts";
import type { Conversations } from "./dialogues.ts";
import type { Section } from "./service-contract.ts";
import { serviceContract } from "./service-contract.ts";
import type { TurnInput } from "./service-agent.ts";

/** The type of a conversation's inputs. */
export const USER_SPOKE = "UserSpoke";
/** The agent that understands a turn, before those of the services. */
export const UNDERSTANDING = "understanding";

/** What the contracts are made of beside the services; plain JSON, so that functions can be bundled with it. */
export interface Terms {
  /** The most services that a turn is meant for. */
  readonly rounds: number;
  readonly timeoutMs: number;
  readonly retries: RetrySpec;
}

export interface Contracts {
  readonly understanding: Contract<UnderstandingView, UnderstandingResult>;
  /** By the name of the service's agent. */
  readonly services: ReadonlyMap<string, ServiceAgentContract>;
}

export interface ServiceAgentContract {
  readonly service: Service;
  readonly contract: Contract<Readonly<Record<string, unknown>>, Section>;
}

const turnInput = z.strictObject({
  dialogue: z.string(),
  turn: z.number().int().min(0),
  utterance: z.string(),
}) satisfies z.ZodType<TurnInput>;

/** What the stand-in for the model may say; its requests are named by section. */
const understanding = z.object({ order: z.array(z.string()), requests: z.record(z.string(), z.json()) });

export type UnderstandingResult = z.infer<typeof understanding>;
export interface UnderstandingView {
  readonly input: TurnInput;
}

export function mostServicesInATurn({ dialogues }: Conversations): number {
  const counts = dialogues.flatMap(({ turns }) => turns.map(({ frames }) => frames.length));
  return counts.reduce((most, count) => Math.max(most, count), 1);
}

/** One contract for understanding a turn, and one a service. */
export function contractsOf(services: readonly Service[], { timeoutMs, retries }: Terms): Contracts {
  return {
    understanding: defineAgent({
      name: UNDERSTANDING,
      timeoutMs,
      retries,
      input: z.object({ input: turnInput }),
      output: understanding,
    }),
    services: new Map(
      services.map((service) => {
        const own = serviceContract(service, services);
        const contract = defineAgent<Section, Readonly<Record<string, unknown>>>({
          ...own,
          keeps: true,
          onDoubt: "repeat",
          timeoutMs,
          retries,
        });
        return [own.name, { service, contract }];
      }),
    ),
  };
}

/** The flow that understands a turn and then lets those services speak whom it is meant for. */
export function definitionOf({ understanding: model, services }: Contracts, { rounds }: Terms) {
  const contracts = [...services.values()].map(({ contract }) => contract as Contract);
  const names = contracts.map(({ spec }) => spec.name);
  const flow = defineFlow({
    name: "conversation",
    on: USER_SPOKE,
    plan: sequence(step(model), ...Array.from({ length: rounds }, (_, round) => roundOf(names, round))),
  });
  return {
    agents: [model as Contract, ...contracts],
    flows: [flow],
    events: { [USER_SPOKE]: turnInput },
  } satisfies ApplicationDefinition;
}

/** Gives the word to the service that stands at this place of the turn's order, if any. */
function roundOf(names: readonly string[], round: number): PlanNode {
  return choice({
    when: names.map((name) => ({
      if: `understanding.order.size() > ${round} && understanding.order[${round}] == ${JSON.stringify(name)}`,
      then: step(name),
    })),
    otherwise: transform({}),
  });
}
