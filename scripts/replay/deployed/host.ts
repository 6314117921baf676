import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { clientDefaults, QUICK } from "#aws/clients.ts";
import { readVariable } from "#aws/config.ts";
import { hostAgent, type AgentHandler } from "#aws/lambda/host-agent.ts";
import { serviceAgent, understandingAgent } from "../agents.ts";
import { contractsOf, type Terms } from "../application.ts";
import type { Dialogue, Service } from "../dialogue-schema.ts";
import { createDynamoTarget } from "./dynamo-target.ts";
import { CALLS_TABLE } from "./names.ts";

/** What a generated entry is bundled with. */
export interface Bundled {
  readonly services: readonly Service[];
  readonly dialogues: readonly Dialogue[];
  readonly terms: Terms;
}

export function hostUnderstanding({ services, dialogues, terms }: Bundled): AgentHandler {
  return hostAgent(understandingAgent(contractsOf(services, terms).understanding, dialogues, services));
}

/** Hosts the agent of that name. */
export function hostService(name: string, { services, dialogues, terms }: Bundled): AgentHandler {
  const own = contractsOf(services, terms).services.get(name);
  if (own === undefined) throw new Error(`No service has an agent "${name}".`);
  const client = new DynamoDBClient(clientDefaults(QUICK));
  return hostAgent(serviceAgent(own, dialogues, createDynamoTarget(client, readVariable(CALLS_TABLE))));
}
