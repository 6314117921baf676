import { readOptionalEnv } from "#aws/config.ts";
import { hostAgent } from "#aws/lambda/host-agent.ts";
import { reply } from "#contracts/reply.ts";
import type { Agent } from "#core/contract.ts";
import { agent } from "./reply-agent.ts";

/** With BEDROCK_MODEL_ID the agent asks that model; only then its client is loaded. */
export async function chooseAgent(modelId = readOptionalEnv("bedrockModel")): Promise<Agent> {
  if (modelId === undefined) return agent;
  const [{ createDefaultBedrockModel }, { composeBy }] = await Promise.all([
    import("#aws/bedrock/bedrock-model.ts"),
    import("./model-reply.ts"),
  ]);
  return reply.implement(composeBy(createDefaultBedrockModel(modelId)));
}

export const handler = hostAgent(await chooseAgent());
