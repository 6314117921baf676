import * as z from "zod";
import { defineAgent } from "#core/contract.ts";
import type { Agent } from "#core/contract.ts";
import { choice, defineFlow, sequence, step, transform } from "#core/flow/build.ts";
import type { FlowDefinition, PlanNode } from "#core/flow/plan.ts";
import type { Conversations } from "./dialogues.ts";
import { serveTurn } from "./service-agent.ts";
import type { ServiceView, TurnInput } from "./service-agent.ts";
import { serviceContract } from "./service-contract.ts";
import type { Target } from "./target.ts";
import { understand } from "./understanding.ts";

/** The type of a conversation's inputs. */
export const USER_SPOKE = "UserSpoke";

const turnInput = z.strictObject({
  dialogue: z.string(),
  turn: z.number().int().min(0),
  utterance: z.string(),
}) satisfies z.ZodType<TurnInput>;

/** What the stand-in for the model may say; its requests are named by section. */
const understanding = z.object({ order: z.array(z.string()), requests: z.record(z.string(), z.json()) });

/** The agents themselves take no time; a machine that is busy with other things may let them wait for it. */
const TIMEOUT_MS = 300_000;

export interface ReplayApplication {
  readonly flows: readonly FlowDefinition[];
  readonly agents: readonly Agent[];
  readonly events: Readonly<Record<string, z.ZodType>>;
}

/** One agent that understands a turn, one agent a service, and the flow that lets those speak whom the turn is meant for. */
export function replayApplication(conversations: Conversations, target: Target): ReplayApplication {
  const services = serviceAgents(conversations, target);
  const model = understandingAgent(conversations);
  const rounds = mostServicesInATurn(conversations);
  const names = services.map(({ contract }) => contract.spec.name);
  const flow = defineFlow({
    name: "conversation",
    on: USER_SPOKE,
    plan: sequence(
      step(model.contract),
      ...Array.from({ length: rounds }, (_, round) => roundOf(names, round)),
    ),
  });
  return { flows: [flow], agents: [model, ...services], events: { [USER_SPOKE]: turnInput } };
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

function mostServicesInATurn({ dialogues }: Conversations): number {
  const counts = dialogues.flatMap(({ turns }) => turns.map(({ frames }) => frames.length));
  return counts.reduce((most, count) => Math.max(most, count), 1);
}

function understandingAgent({ dialogues, services }: Conversations): Agent {
  const byId = new Map(dialogues.map((dialogue) => [dialogue.dialogue_id, dialogue]));
  const contract = defineAgent({
    name: "understanding",
    timeoutMs: TIMEOUT_MS,
    input: z.object({ input: turnInput }),
    output: understanding,
  });
  return contract.implement(({ context }) => {
    const { dialogue, turn } = context.input;
    const turns = byId.get(dialogue)?.turns.slice(0, turn + 1) ?? [];
    // Plain JSON by its types; interfaces only lack the index signature that the schema's type has.
    return understand(turns, services) as unknown as z.infer<typeof understanding>;
  });
}

function serviceAgents({ services }: Conversations, target: Target): readonly Agent[] {
  return [...services.values()].map((service) => {
    const contract = defineAgent({
      ...serviceContract(service, services.values()),
      onDoubt: "repeat",
      timeoutMs: TIMEOUT_MS,
    });
    return contract.implement(({ context, idempotencyKey }) => {
      // The contract's reads are what a ServiceView holds, and their writers' schemas have checked it.
      const view = context as ServiceView;
      return serveTurn(service, view, target.askedBy(view.input, idempotencyKey));
    });
  });
}
