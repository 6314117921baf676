import { ReadableStream } from "node:stream/web";
import { MockLanguageModelV4 } from "ai/test";
import { CALL, type World } from "./script.ts";

const usage = {
  inputTokens: {
    total: CALL.inputTokens,
    noCache: CALL.inputTokens,
    cacheRead: undefined,
    cacheWrite: undefined,
  },
  outputTokens: { total: CALL.outputTokens, text: CALL.outputTokens, reasoning: undefined },
};

/** A model of the AI SDK that says what the script says. */
export const aiModel = (world: World) =>
  new MockLanguageModelV4({
    doGenerate: async ({ abortSignal }) => {
      const said = world.next();
      if ("tool" in said) {
        const input = JSON.stringify(said.input);
        const call = {
          type: "tool-call" as const,
          toolCallId: `call-${world.modelCalls}`,
          toolName: said.tool,
          input,
        };
        return {
          content: [call],
          finishReason: { unified: "tool-calls", raw: undefined },
          usage,
          warnings: [],
        };
      }
      let text = "";
      for await (const piece of world.pieces(said.text, abortSignal)) {
        abortSignal?.throwIfAborted();
        text += piece;
      }
      const content = [{ type: "text" as const, text }];
      return { content, finishReason: { unified: "stop", raw: undefined }, usage, warnings: [] };
    },
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
