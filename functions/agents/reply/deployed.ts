import { readOptionalEnv } from "#aws/config.ts";
import { reply } from "#contracts/reply.ts";
import type { Agent } from "#core/contract.ts";
import { replyAgent } from "./reply-agent.ts";

/** With BEDROCK_MODEL_ID the agent asks that model; only then its client is loaded. */
async function agentOf(modelId = readOptionalEnv("bedrockModel")): Promise<Agent> {
  if (modelId === undefined) return replyAgent;
  const [{ createDefaultBedrockModel }, { composeBy }] = await Promise.all([
    import("#aws/bedrock/bedrock-model.ts"),
    import("./model-reply.ts"),
  ]);
  return reply.implement(composeBy(createDefaultBedrockModel(modelId)));
}

export const agent = await agentOf();
