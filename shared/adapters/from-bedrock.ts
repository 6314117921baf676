import { createDefaultBedrockModel, type BedrockModel } from "#aws/bedrock/bedrock-model.ts";
import type { Agent, Contract } from "#core/contract.ts";
import { adaptAgent, type AdapterOptions } from "./adapt-agent.ts";
import type { Framework } from "./framework.ts";

export type { BedrockModel, ModelAnswer, ModelQuestion } from "#aws/bedrock/bedrock-model.ts";

export interface BedrockOptions<View, Result> extends Pick<AdapterOptions<View, Result>, "prompt"> {
  /** Of the model or of an inference profile. The agent needs the right `bedrock:InvokeModel` for it. */
  readonly modelId: string;
  /** What the model is to do. That it answers with JSON, and of which form, belongs here. */
  readonly system: string;
  /** @default 1_024 */
  readonly maxTokens?: number;
  /** @default one with a client of its own */
  readonly model?: BedrockModel;
}

const DEFAULT_MAX_TOKENS = 1_024;

/**
 * One question to a model on Amazon Bedrock, by the Converse API: no tools, no stream. The model answers with JSON, which is held against
 * the contract's output.
 *
 * @example
 * const agent = bedrockAgent(assistant, { modelId: "amazon.nova-lite-v1:0", system: 'Answer as {"text": …}.' });
 */
export function bedrockAgent<View, Result>(
  contract: Contract<View, Result>,
  { modelId, system, maxTokens = DEFAULT_MAX_TOKENS, model, ...options }: BedrockOptions<View, Result>,
): Agent {
  let asked = model;
  const framework: Framework<string> = {
    run: async ({ prompt, signal }) => {
      asked ??= createDefaultBedrockModel(modelId);
      const { value, usage } = await asked.ask({
        system,
        content: prompt,
        answer: contract.output,
        maxTokens,
        signal,
      });
      return { output: value, usage };
    },
  };
  return adaptAgent(contract, framework, options);
}
