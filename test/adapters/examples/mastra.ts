import { Agent } from "@mastra/core/agent";
import { Mastra } from "@mastra/core/mastra";
import { InMemoryStore } from "@mastra/core/storage";
import { createTool } from "@mastra/core/tools";
import { mastraAgent } from "event-spine/adapters/mastra";
import * as z from "zod";
import { desk } from "./desk.ts";

const pay = createTool({
  id: "pay",
  description: "Pays for a seat.",
  inputSchema: z.object({ amount: z.number() }),
  requireApproval: true,
  execute: ({ amount }) => Promise.resolve(`Paid ${amount}.`),
});
const assistant = {
  id: "desk",
  name: "desk",
  instructions: "Book seats.",
  model: "openai/gpt-5-mini",
  tools: { pay },
};

export const agent = mastraAgent(desk, {
  storage: () => new InMemoryStore(),
  agent: (storage) => new Mastra({ storage, agents: { desk: new Agent(assistant) } }).getAgent("desk"),
});
