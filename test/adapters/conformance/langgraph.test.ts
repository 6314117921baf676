import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessageChunk, type BaseMessage } from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";
import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { tool } from "@langchain/core/tools";
import {
  Command,
  END,
  interrupt,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { langGraphAgent } from "event-spine/adapters/langgraph";
import * as z from "zod";
import { describeConformance } from "../support/describe-conformance.ts";
import { CALL, type World } from "../support/script.ts";

/** Its types know no usage on a message that the caller makes. */
const spent = (fields: object) => new AIMessageChunk({ ...fields, usage_metadata } as never);
const usage_metadata = {
  input_tokens: CALL.inputTokens,
  output_tokens: CALL.outputTokens,
  total_tokens: CALL.inputTokens + CALL.outputTokens,
};

class ScriptedModel extends BaseChatModel {
  private readonly world: World;
  constructor(world: World) {
    super({});
    this.world = world;
  }
  override _llmType() {
    return "scripted";
  }
  async _generate(messages: BaseMessage[], options: this["ParsedCallOptions"]): Promise<ChatResult> {
    let whole: ChatGenerationChunk | undefined;
    for await (const chunk of this._streamResponseChunks(messages, options))
      whole = whole === undefined ? chunk : whole.concat(chunk);
    return { generations: whole === undefined ? [] : [whole] };
  }
  override async *_streamResponseChunks(
    _messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    run?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const said = this.world.next();
    if ("tool" in said) {
      const call = {
        id: `call-${this.world.modelCalls}`,
        name: said.tool,
        args: JSON.stringify(said.input),
        index: 0,
      };
      const message = spent({ content: "", tool_call_chunks: [{ ...call, type: "tool_call_chunk" }] });
      yield new ChatGenerationChunk({ text: "", message });
      return;
    }
    for await (const text of this.world.pieces(said.text, options.signal)) {
      const chunk = new ChatGenerationChunk({ text, message: new AIMessageChunk({ content: text }) });
      yield chunk;
      await run?.handleLLMNewToken(text, undefined, undefined, undefined, undefined, { chunk });
    }
    yield new ChatGenerationChunk({ text: "", message: spent({ content: "" }) });
  }
}

const graphOf = (world: World, checkpointer: MemorySaver) => {
  const model = new ScriptedModel(world);
  const look = tool(() => world.use("look"), { name: "look", schema: z.object({ row: z.number() }) });
  const pay = tool(
    async ({ amount }) => {
      const answer = interrupt({ pay: amount }) as { readonly approved: boolean };
      return answer.approved ? await world.use("pay") : "Not approved.";
    },
    { name: "pay", schema: z.object({ amount: z.number() }) },
  );
  return new StateGraph(MessagesAnnotation)
    .addNode("model", async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
    .addNode("tools", new ToolNode([look, pay]))
    .addEdge(START, "model")
    .addConditionalEdges("model", ({ messages }) => {
      const last = messages.at(-1) as AIMessageChunk;
      return (last.tool_calls ?? []).length > 0 ? "tools" : END;
    })
    .addEdge("tools", "model")
    .compile({ checkpointer });
};

describeConformance("a graph of LangGraph.js", {
  start: (world, contract) =>
    langGraphAgent(contract, {
      langgraph: { MemorySaver, Command },
      graph: (checkpointer) => graphOf(world, checkpointer),
    }),
});
