import { Agent, run, RunState, tool } from "@openai/agents";
import { openAiAgentsAgent } from "event-spine/adapters/openai-agents";
import * as z from "zod";
import { desk } from "./desk.ts";

const pay = tool({
  name: "pay",
  description: "Pays for a seat.",
  parameters: z.object({ amount: z.number() }),
  needsApproval: true,
  execute: ({ amount }) => `Paid ${amount}.`,
});

export const agent = openAiAgentsAgent(desk, {
  agent: new Agent({ name: "desk", instructions: "Book seats.", tools: [pay] }),
  openai: { run, RunState },
});
