import { defineAgent } from "event-spine";
import { bedrockAgent } from "event-spine/adapters/bedrock";
import * as z from "zod";

const classify = defineAgent({ name: "classify", output: z.object({ intent: z.enum(["refund", "other"]) }) });

export const agent = bedrockAgent(classify, {
  modelId: "amazon.nova-lite-v1:0",
  system: 'What does the customer want? Answer with JSON: {"intent": "refund"} or {"intent": "other"}.',
});
