import { agentByModel } from "#aws/bedrock/agent-by-model.ts";
import { hostAgent } from "#aws/lambda/host-agent.ts";
import { reply } from "#contracts/reply.ts";
import { agent } from "./reply-agent.ts";

export const chooseAgent = (modelId?: string) =>
  agentByModel(
    agent,
    async () => {
      const { composeBy } = await import("./model-reply.ts");
      return (model) => reply.implement(composeBy(model));
    },
    modelId,
  );

export const handler = hostAgent(await chooseAgent());
