import { Agent } from "@mastra/core/agent";
import { Mastra } from "@mastra/core/mastra";
import { InMemoryStore } from "@mastra/core/storage";
import { createTool } from "@mastra/core/tools";
import { mastraAgent } from "event-spine/adapters/mastra";
import * as z from "zod";
import { aiModel } from "../support/ai-model.ts";
import { describeConformance, type Subject } from "../support/describe-conformance.ts";
import type { World } from "../support/script.ts";

const look = (world: World) =>
  createTool({
    id: "look",
    description: "Looks for a seat.",
    inputSchema: z.object({ row: z.number() }),
    execute: () => world.use("look"),
  });

const approved = (world: World) =>
  createTool({
    id: "pay",
    description: "Pays for it.",
    inputSchema: z.object({ amount: z.number() }),
    requireApproval: true,
    execute: () => world.use("pay"),
  });

const suspending = (world: World) =>
  createTool({
    id: "pay",
    description: "Pays for it.",
    inputSchema: z.object({ amount: z.number() }),
    suspendSchema: z.object({ amount: z.number() }),
    resumeSchema: z.object({ approved: z.boolean(), reason: z.string().optional() }),
    execute: async ({ amount }, context) => {
      const answer = context.agent?.resumeData;
      if (answer === undefined) return await context.agent?.suspend({ amount });
      return answer.approved ? await world.use("pay") : "Not approved.";
    },
  });

const start =
  (pay: typeof approved | typeof suspending): Subject["start"] =>
  (world, contract) =>
    mastraAgent(contract, {
      storage: () => new InMemoryStore(),
      agent: (storage) => {
        const desk = new Agent({
          id: "desk",
          name: "desk",
          instructions: "Book seats.",
          model: aiModel(world) as never,
          tools: { look: look(world), pay: pay(world) as never },
        });
        return new Mastra({ storage, agents: { desk }, logger: false }).getAgent("desk");
      },
    });

describeConformance("an agent of Mastra whose tools require approval", { start: start(approved) });
describeConformance("an agent of Mastra whose tools suspend themselves", { start: start(suspending) });
