import { generateText, streamText, tool, ToolLoopAgent, isStepCount } from "ai";
import { aiSdkAgent } from "event-spine/adapters/ai-sdk";
import * as z from "zod";
import type { DeskContract } from "../support/desk.ts";
import { aiModel } from "../support/ai-model.ts";
import { describeConformance } from "../support/describe-conformance.ts";
import type { World } from "../support/script.ts";

const toolsOf = (world: World) => ({
  look: tool({ inputSchema: z.object({ row: z.number() }), execute: () => world.use("look") }),
  pay: tool({ inputSchema: z.object({ amount: z.number() }), execute: () => world.use("pay") }),
});

describeConformance("an agent of the AI SDK, as a ToolLoopAgent", {
  start: (world, contract: DeskContract) =>
    aiSdkAgent(contract, {
      agent: new ToolLoopAgent({
        model: aiModel(world),
        tools: toolsOf(world),
        toolApproval: { pay: "user-approval" },
      }),
    }),
});

describeConformance("an agent of the AI SDK, by streamText", {
  start: (world, contract: DeskContract) =>
    aiSdkAgent(contract, {
      agent: (call) =>
        streamText({
          model: aiModel(world),
          tools: toolsOf(world),
          toolApproval: { pay: "user-approval" },
          stopWhen: isStepCount(5),
          ...call,
        }),
    }),
});

describeConformance("an agent of the AI SDK, by generateText", {
  lacks: ["streaming"],
  start: (world, contract: DeskContract) =>
    aiSdkAgent(contract, {
      agent: (call) =>
        generateText({
          model: aiModel(world),
          tools: toolsOf(world),
          toolApproval: { pay: "user-approval" },
          stopWhen: isStepCount(5),
          ...call,
        }),
    }),
});
