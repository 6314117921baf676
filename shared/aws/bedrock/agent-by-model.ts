import type { Agent } from "#core/contract.ts";
import { readOptionalEnv } from "../config.ts";
import type { BedrockModel } from "./bedrock-model.ts";

/** With BEDROCK_MODEL_ID an agent that asks that model, else the agent's own logic; only then the model's client is loaded. */
export async function agentByModel(
  own: Agent,
  asking: () => Promise<(model: BedrockModel) => Agent>,
  modelId = readOptionalEnv("bedrockModel"),
): Promise<Agent> {
  if (modelId === undefined) return own;
  const [{ createDefaultBedrockModel }, implement] = await Promise.all([
    import("#aws/bedrock/bedrock-model.ts"),
    asking(),
  ]);
  return implement(createDefaultBedrockModel(modelId));
}
