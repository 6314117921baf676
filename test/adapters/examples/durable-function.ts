import { defineAgent } from "event-spine";
import { durableFunctionAgent } from "event-spine/adapters/durable-function";
import * as z from "zod";

const research = defineAgent({
  name: "research",
  output: z.object({ pages: z.number() }),
  timeoutMs: 900_000,
});

export const agent = durableFunctionAgent(research, {
  functionArn: "arn:aws:lambda:eu-west-1:111122223333:function:research:live",
});
