import type { Agent, PlanNode } from "event-spine";
import { adaptAgent, defineInterruptible, withApproval, type Framework } from "event-spine/adapters";
import { aiSdkAgent } from "event-spine/adapters/ai-sdk";
import { httpAgent } from "event-spine/adapters/http";
import { lambdaAgent } from "event-spine/adapters/lambda";
import { createHttpCall, createSpineClient, type SpineClient } from "event-spine/client";
import { EventSpine, type EventSpineProps } from "event-spine/infra";
import { startLocalSpine, type LocalSpine } from "event-spine/local";
import { createMovableClock, given } from "event-spine/testing";
import * as z from "zod";
import { greeter } from "./contracts.ts";

/** What a user's compiler must take: every entry, and the task's signal where the platform asks for one. */
export const client: SpineClient = createSpineClient(
  createHttpCall("http://127.0.0.1", () => Promise.resolve({})),
);
export const start: (app: string) => Promise<LocalSpine> = (app) => startLocalSpine({ app });
export const props: EventSpineProps["agents"] = { greeter: { entry: "agents/greeter.ts" } };
export const fetching = greeter.implement(async ({ context, signal }) => {
  const response = await fetch(`http://127.0.0.1/${context.input.who}`, { signal });
  return { greeting: await response.text() };
});
export { createMovableClock, EventSpine, given };

const asked = defineInterruptible({ name: "asked", output: z.object({ text: z.string() }) });
const own: Framework = { run: ({ prompt }) => Promise.resolve({ output: prompt }) };
export const approving: PlanNode = withApproval(asked, { ask: "May it?" });
export const adapted: readonly Agent[] = [
  adaptAgent(asked, own),
  aiSdkAgent(asked, {
    agent: ({ messages }) => ({ content: [], text: "", steps: [], responseMessages: messages }),
  }),
  httpAgent(greeter, { url: "https://example.com/greetings" }),
  lambdaAgent(greeter, { functionArn: "arn:aws:lambda:eu-west-1:111122223333:function:greet" }),
];
