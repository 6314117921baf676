import { defineAgent } from "event-spine";
import { lambdaAgent } from "event-spine/adapters/lambda";
import * as z from "zod";

const score = defineAgent({ name: "score", output: z.object({ risk: z.number() }) });

export const agent = lambdaAgent(score, {
  functionArn: "arn:aws:lambda:eu-west-1:111122223333:function:scoring",
  payload: ({ input }, { idempotencyKey }) => ({ customer: input.customer, requestId: idempotencyKey }),
});
