import { isStepCount, streamText, tool, ToolLoopAgent } from "ai";
import { aiSdkAgent } from "event-spine/adapters/ai-sdk";
import * as z from "zod";
import { desk } from "./desk.ts";

const pay = tool({
  description: "Pays for a seat.",
  inputSchema: z.object({ amount: z.number() }),
  execute: ({ amount }) => `Paid ${amount}.`,
});
const model = "anthropic/claude-sonnet-5";

export const agent = aiSdkAgent(desk, {
  agent: new ToolLoopAgent({ model, tools: { pay }, toolApproval: { pay: "user-approval" } }),
});

export const other = aiSdkAgent(desk, {
  agent: (call) => streamText({ model, tools: { pay }, stopWhen: isStepCount(5), ...call }),
  prompt: ({ input }) => `Find a seat for ${input.who}.`,
});
