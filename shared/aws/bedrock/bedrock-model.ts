import { BedrockRuntimeClient, ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ReportedUsage } from "#core/contract.ts";
import { messageOf, SpineError } from "#core/errors.ts";
import { clientDefaults } from "../clients.ts";

export interface ModelQuestion<T> {
  /** What the model is told to do. */
  readonly system: string;
  /** What it is to look at; never part of the instructions. */
  readonly content: string;
  /** What its JSON answer must fit. */
  readonly answer: StandardSchemaV1<unknown, T>;
  /** An unset maximum would reserve the model's largest from the account's quota. */
  readonly maxTokens: number;
  readonly signal: AbortSignal;
}

export interface ModelAnswer<T> {
  readonly value: T;
  readonly usage: ReportedUsage;
}

export interface BedrockModel {
  /** Asks for a JSON value. An answer that breaks its schema is `agent.failed`, retryable: the next one may fit. */
  ask<T>(question: ModelQuestion<T>): Promise<ModelAnswer<T>>;
}

export interface BedrockModelOptions {
  readonly client: BedrockRuntimeClient;
  readonly modelId: string;
  /** Pause before the first repetition, ms; it doubles. @default 200 */
  readonly pauseMs?: number;
}

/** Only what passes by itself is asked again; all else costs tokens and fails the same way. */
const PASSING = [
  "ThrottlingException",
  "ModelTimeoutException",
  "ServiceUnavailableException",
  "TimeoutError",
];
const MAX_TRIES = 3;
const REQUEST_TIMEOUT_MS = 60_000;
const FENCED = /^```(?:json)?\s*([\s\S]*?)\s*```$/;

/** A model on Amazon Bedrock, asked by the Converse API. */
export function createBedrockModel({ client, modelId, pauseMs = 200 }: BedrockModelOptions): BedrockModel {
  const converse = async (question: ModelQuestion<unknown>) => {
    const command = new ConverseCommand({
      modelId,
      system: [{ text: question.system }],
      messages: [{ role: "user", content: [{ text: question.content }] }],
      inferenceConfig: { maxTokens: question.maxTokens, temperature: 0 },
    });
    for (let tries = 1; ; tries += 1) {
      try {
        // The task's signal is the platform's; the core only knows its shape.
        return await client.send(command, { abortSignal: question.signal });
      } catch (error) {
        const passing = error instanceof Error && PASSING.includes(error.name);
        if (!passing || tries === MAX_TRIES || question.signal.aborted) throw failed(error, passing);
        await new Promise((wake) => void setTimeout(wake, pauseMs * 2 ** (tries - 1)));
      }
    }
  };

  return {
    async ask(question) {
      const { output, usage } = await converse(question);
      const text = output?.message?.content?.map((block) => block.text ?? "").join("") ?? "";
      const checked = await question.answer["~standard"].validate(parsed(text));
      if (checked.issues !== undefined) {
        const problems = checked.issues.map(({ message }) => message).join("; ");
        throw new SpineError("agent.failed", `The model's answer does not fit its schema. ${problems}`, {
          retryable: true,
        });
      }
      return {
        value: checked.value,
        usage: {
          inputTokens: usage?.inputTokens ?? 0,
          outputTokens: usage?.outputTokens ?? 0,
          provider: "aws.bedrock",
          model: modelId,
        },
      };
    },
  };
}

/** The model with a client of its own. */
export function createDefaultBedrockModel(modelId: string): BedrockModel {
  const client = new BedrockRuntimeClient(
    clientDefaults({ requestTimeout: REQUEST_TIMEOUT_MS, maxAttempts: 1 }),
  );
  return createBedrockModel({ client, modelId });
}

function parsed(text: string): unknown {
  const trimmed = text.trim();
  try {
    return JSON.parse(FENCED.exec(trimmed)?.[1] ?? trimmed);
  } catch {
    throw new SpineError("agent.failed", "The model did not answer with JSON.", { retryable: true });
  }
}

const failed = (error: unknown, retryable: boolean): SpineError =>
  new SpineError("agent.failed", `The model was not reached: ${messageOf(error)}`, {
    retryable,
    cause: error,
  });
