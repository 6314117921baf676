import type { Agent } from "#core/contract.ts";
import type { Contracts, ServiceAgentContract, UnderstandingResult } from "./application.ts";
import type { Dialogue, Service } from "./dialogue-schema.ts";
import { annotatedResults } from "./reference.ts";
import type { BareCall } from "./score.ts";
import { serveTurn } from "./service-agent.ts";
import type { ServiceView } from "./service-agent.ts";
import type { Target } from "./target.ts";
import { understand } from "./understanding.ts";

/** The agent that understands turns of these dialogues. */
export function understandingAgent(
  contract: Contracts["understanding"],
  dialogues: readonly Dialogue[],
  services: readonly Service[],
): Agent {
  const byId = new Map(dialogues.map((dialogue) => [dialogue.dialogue_id, dialogue]));
  const byName = new Map(services.map((service) => [service.service_name, service]));
  return contract.implement(({ context }) => {
    const { dialogue, turn } = context.input;
    const turns = byId.get(dialogue)?.turns.slice(0, turn + 1) ?? [];
    // Plain JSON by its types; interfaces only lack the index signature that the schema's type has.
    return understand(turns, byName) as unknown as UnderstandingResult;
  });
}

/** The agent of one service. The service answers as annotated, and the target hears of every call. */
export function serviceAgent(
  { service, contract }: ServiceAgentContract,
  dialogues: readonly Dialogue[],
  target: Pick<Target, "receive">,
): Agent {
  const byId = new Map(dialogues.map((dialogue) => [dialogue.dialogue_id, dialogue]));
  return contract.implement(async ({ context, idempotencyKey }) => {
    // The contract's reads are what a ServiceView holds, and their writers' schemas have checked it.
    const view = context as ServiceView;
    const annotated = byId.get(view.input.dialogue);
    if (annotated === undefined) throw new Error(`No dialogue is named "${view.input.dialogue}"`);
    const results = annotatedResults(annotated, view.input.turn);
    const calls: BareCall[] = [];
    const section = serveTurn(service, view, (name, method, parameters) => {
      calls.push({ service: name, method, parameters });
      return results(name, method, parameters);
    });
    for (const call of calls) await target.receive(view.input, idempotencyKey, call);
    return section;
  });
}
