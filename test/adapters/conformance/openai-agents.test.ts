import {
  Agent,
  run,
  RunState,
  setTracingDisabled,
  tool,
  Usage,
  type Model,
  type ModelRequest,
  type ModelResponse,
} from "@openai/agents";
import { openAiAgentsAgent } from "event-spine/adapters/openai-agents";
import * as z from "zod";
import { describeConformance } from "../support/describe-conformance.ts";
import { CALL, type World } from "../support/script.ts";

setTracingDisabled(true);

const usage = { ...CALL, totalTokens: CALL.inputTokens + CALL.outputTokens };

class ScriptedModel implements Model {
  private readonly world: World;
  constructor(world: World) {
    this.world = world;
  }
  getResponse(): Promise<ModelResponse> {
    return Promise.resolve({ usage: new Usage(usage), output: [] });
  }
  async *getStreamedResponse({ signal }: ModelRequest): AsyncGenerator<never> {
    const said = this.world.next();
    const id = `response-${this.world.modelCalls}`;
    yield { type: "response_started" } as never;
    let text = "";
    if ("text" in said) {
      for await (const delta of this.world.pieces(said.text, signal)) {
        text += delta;
        yield { type: "output_text_delta", delta } as never;
      }
    }
    const output =
      "tool" in said
        ? {
            type: "function_call",
            callId: `call-${id}`,
            name: said.tool,
            status: "completed",
            arguments: JSON.stringify(said.input),
          }
        : {
            type: "message",
            role: "assistant",
            status: "completed",
            content: [{ type: "output_text", text }],
          };
    yield { type: "response_done", response: { id, usage, output: [output] } } as never;
  }
}

const agentOf = (world: World) =>
  new Agent({
    name: "desk",
    model: new ScriptedModel(world),
    tools: [
      tool({
        name: "look",
        description: "Looks for a seat.",
        parameters: z.object({ row: z.number() }),
        execute: () => world.use("look"),
      }),
      tool({
        name: "pay",
        description: "Pays for it.",
        parameters: z.object({ amount: z.number() }),
        needsApproval: true,
        execute: () => world.use("pay"),
      }),
    ],
  });

describeConformance("an agent of the OpenAI Agents SDK", {
  start: (world, contract) =>
    openAiAgentsAgent(contract, { agent: agentOf(world), openai: { run, RunState } }),
});
