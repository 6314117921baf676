import {
  Agent,
  Model,
  tool,
  type BaseModelConfig,
  type Message,
  type ModelStreamEvent,
} from "@strands-agents/sdk";
import { strandsAgent } from "event-spine/adapters/strands";
import * as z from "zod";
import { describeConformance } from "../support/describe-conformance.ts";
import { CALL, type World } from "../support/script.ts";

const usage = { ...CALL, totalTokens: CALL.inputTokens + CALL.outputTokens };

class ScriptedModel extends Model {
  private readonly world: World;
  constructor(world: World) {
    super();
    this.world = world;
  }
  override updateConfig(): void {}
  override getConfig(): BaseModelConfig {
    return { modelId: "scripted" };
  }
  override async *stream(
    _messages: Message[],
    options?: { readonly cancelSignal?: AbortSignal },
  ): AsyncIterable<ModelStreamEvent> {
    const said = this.world.next();
    yield { type: "modelMessageStartEvent", role: "assistant" };
    if ("tool" in said) {
      const start = {
        type: "toolUseStart" as const,
        name: said.tool,
        toolUseId: `call-${this.world.modelCalls}`,
      };
      yield { type: "modelContentBlockStartEvent", start };
      const delta = { type: "toolUseInputDelta" as const, input: JSON.stringify(said.input) };
      yield { type: "modelContentBlockDeltaEvent", delta };
    } else {
      yield { type: "modelContentBlockStartEvent" };
      for await (const text of this.world.pieces(said.text, options?.cancelSignal))
        yield { type: "modelContentBlockDeltaEvent", delta: { type: "textDelta", text } };
    }
    yield { type: "modelContentBlockStopEvent" };
    yield { type: "modelMessageStopEvent", stopReason: "tool" in said ? "toolUse" : "endTurn" };
    yield { type: "modelMetadataEvent", usage };
  }
}

const toolsOf = (world: World) => [
  tool({
    name: "look",
    description: "Looks for a seat.",
    inputSchema: z.object({ row: z.number() }),
    callback: () => world.use("look"),
  }),
  tool({
    name: "pay",
    description: "Pays for it.",
    inputSchema: z.object({ amount: z.number() }),
    callback: (input, context) => {
      const answer = context?.interrupt<{ approved: boolean }>({ name: "pay", reason: input });
      return answer?.approved === true ? world.use("pay") : "Not approved.";
    },
  }),
];

describeConformance("an agent of Strands", {
  start: (world, contract) =>
    strandsAgent(contract, {
      agent: () => new Agent({ model: new ScriptedModel(world), tools: toolsOf(world), printer: false }),
    }),
});
