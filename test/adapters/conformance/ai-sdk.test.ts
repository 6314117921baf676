import { ReadableStream } from "node:stream/web";
import { streamText, tool, ToolLoopAgent, isStepCount } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { aiSdkAgent } from "event-spine/adapters/ai-sdk";
import * as z from "zod";
import type { DeskContract } from "../support/desk.ts";
import { describeConformance } from "../support/describe-conformance.ts";
import { CALL, type World } from "../support/script.ts";

const usage = {
  inputTokens: {
    total: CALL.inputTokens,
    noCache: CALL.inputTokens,
    cacheRead: undefined,
    cacheWrite: undefined,
  },
  outputTokens: { total: CALL.outputTokens, text: CALL.outputTokens, reasoning: undefined },
};

const modelOf = (world: World) =>
  new MockLanguageModelV4({
    doStream: ({ abortSignal }) => {
      const said = world.next();
      const stream = async function* () {
        if ("tool" in said) {
          const input = JSON.stringify(said.input);
          yield {
            type: "tool-call" as const,
            toolCallId: `call-${world.modelCalls}`,
            toolName: said.tool,
            input,
          };
        } else {
          yield { type: "text-start" as const, id: "1" };
          for await (const delta of world.pieces(said.text, abortSignal))
            yield { type: "text-delta" as const, id: "1", delta };
          yield { type: "text-end" as const, id: "1" };
        }
        const unified = "tool" in said ? ("tool-calls" as const) : ("stop" as const);
        yield { type: "finish" as const, finishReason: { unified, raw: undefined }, usage };
      };
      return Promise.resolve({ stream: ReadableStream.from(stream()) as never });
    },
  });

const toolsOf = (world: World) => ({
  look: tool({ inputSchema: z.object({ row: z.number() }), execute: () => world.use("look") }),
  pay: tool({ inputSchema: z.object({ amount: z.number() }), execute: () => world.use("pay") }),
});

describeConformance("an agent of the AI SDK, as a ToolLoopAgent", {
  start: (world, contract: DeskContract) =>
    aiSdkAgent(contract, {
      agent: new ToolLoopAgent({
        model: modelOf(world),
        tools: toolsOf(world),
        toolApproval: { pay: "user-approval" },
      }),
    }),
});

describeConformance("an agent of the AI SDK, by streamText", {
  start: (world, contract: DeskContract) =>
    aiSdkAgent(contract, {
      agent: (call) =>
        streamText({
          model: modelOf(world),
          tools: toolsOf(world),
          toolApproval: { pay: "user-approval" },
          stopWhen: isStepCount(5),
          ...call,
        }),
    }),
});
