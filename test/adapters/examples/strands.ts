import { Agent, tool } from "@strands-agents/sdk";
import { strandsAgent } from "event-spine/adapters/strands";
import * as z from "zod";
import { desk } from "./desk.ts";

const pay = tool({
  name: "pay",
  description: "Pays for a seat.",
  inputSchema: z.object({ amount: z.number() }),
  callback: (input, context) => {
    const answer = context?.interrupt<{ approved: boolean }>({ name: "pay", reason: input });
    return answer?.approved === true ? "Paid." : "Not approved.";
  },
});

export const agent = strandsAgent(desk, { agent: () => new Agent({ tools: [pay], printer: false }) });
