import { agentByModel } from "#aws/bedrock/agent-by-model.ts";
import { hostAgent } from "#aws/lambda/host-agent.ts";
import { inquiry } from "#contracts/inquiry.ts";
import { agent } from "./inquiry-agent.ts";

export const chooseAgent = (modelId?: string) =>
  agentByModel(
    agent,
    async () => {
      const { understandBy } = await import("./model-inquiry.ts");
      return (model) => inquiry.implement(understandBy(model));
    },
    modelId,
  );

export const handler = hostAgent(await chooseAgent());
