import { defineAgent } from "event-spine";
import { httpAgent } from "event-spine/adapters/http";
import * as z from "zod";

const score = defineAgent({ name: "score", output: z.object({ risk: z.number() }), timeoutMs: 10_000 });

export const agent = httpAgent(score, {
  url: "https://scoring.example.com/v1/score",
  headers: () => ({ Authorization: `Bearer ${process.env["SCORING_TOKEN"] ?? ""}` }),
  request: ({ input }) => ({ customer: input.customer, amount: input.amount }),
  timeoutMs: 5_000,
});
