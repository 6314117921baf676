import { readOptionalEnv } from "#aws/config.ts";
import { inquiry } from "#contracts/inquiry.ts";
import type { Agent } from "#core/contract.ts";
import { inquiryAgent } from "./inquiry-agent.ts";

/** With BEDROCK_MODEL_ID the agent asks that model; only then its client is loaded. */
async function agentOf(modelId = readOptionalEnv("bedrockModel")): Promise<Agent> {
  if (modelId === undefined) return inquiryAgent;
  const [{ createDefaultBedrockModel }, { understandBy }] = await Promise.all([
    import("#aws/bedrock/bedrock-model.ts"),
    import("./model-inquiry.ts"),
  ]);
  return inquiry.implement(understandBy(createDefaultBedrockModel(modelId)));
}

export const agent = await agentOf();
