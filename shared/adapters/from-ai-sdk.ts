import type { Agent, Contract } from "#core/contract.ts";
import { SpineError } from "#core/errors.ts";
import { isJsonObject, type Json } from "#core/json.ts";
import { adaptAgent, type AdapterOptions } from "./adapt-agent.ts";
import { addedUsage, type CallUsage } from "./added-usage.ts";
import { decisionOn } from "./decision-on.ts";
import type { Ended, Framework, Turn } from "./framework.ts";

export type { CallUsage } from "./added-usage.ts";

// The framework's own messages, which are passed on and never read: `any` is what its functions take and give.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AiMessages = any[];

/** What a call is given: spread it into `streamText` or `generateText`. */
export interface AiCall {
  messages: AiMessages;
  abortSignal: AbortSignal;
}

/** What `streamText` and `generateText` give, as far as it is read. */
export interface AiResult {
  readonly stream?: AsyncIterable<unknown>;
  readonly content: PromiseLike<readonly unknown[]> | readonly unknown[];
  readonly text: PromiseLike<string> | string;
  /** The structured output of a call with `output`, else the text. */
  readonly output?: unknown;
  readonly steps: PromiseLike<readonly AiStep[]> | readonly AiStep[];
  readonly responseMessages: PromiseLike<AiMessages> | AiMessages;
}

export interface AiStep {
  readonly usage: CallUsage;
  readonly model?: { readonly provider: string; readonly modelId: string };
}

/** An agent of the AI SDK, such as a `ToolLoopAgent`. */
export interface AiAgent {
  stream(call: AiCall): PromiseLike<AiResult>;
}

export interface AiSdkOptions<View, Result> extends AdapterOptions<View, Result, string | AiMessages> {
  /** An agent, or a function that calls `streamText` or `generateText`; only the first two show their text as it comes. */
  readonly agent: AiAgent | ((call: AiCall) => AiResult | PromiseLike<AiResult>);
}

/**
 * An agent of the AI SDK 7. Tools whose approval it asks for (`toolApproval`) go to a person with `withApproval`; the checkpoint is the
 * conversation so far.
 *
 * @example
 * const agent = aiSdkAgent(assistant, { agent: (call) => streamText({ model, tools, ...call }) });
 */
export function aiSdkAgent<View, Result>(
  contract: Contract<View, Result>,
  { agent, ...options }: AiSdkOptions<View, Result>,
): Agent {
  const call = typeof agent === "function" ? agent : (given: AiCall) => agent.stream(given);
  const framework: Framework<string | AiMessages> = { run: (turn) => run(turn, call) };
  return adaptAgent<View, Result, string | AiMessages>(contract, framework, options);
}

interface Asked {
  readonly approvalId: string;
  readonly toolCallId: string;
  readonly tool: string;
  readonly input: Json;
}

async function run(
  { prompt, resumed, signal, say }: Turn<string | AiMessages>,
  call: (given: AiCall) => AiResult | PromiseLike<AiResult>,
): Promise<Ended> {
  const messages = resumed === undefined ? begun(prompt) : goneOn(resumed.checkpoint, resumed.answer);
  const result = await call({ messages, abortSignal: signal });
  if (result.stream !== undefined) await shown(result.stream, say);
  const steps = await result.steps;
  const [last] = steps.slice(-1);
  const named = last?.model === undefined ? {} : { provider: last.model.provider, model: last.model.modelId };
  const spent = addedUsage(
    steps.map(({ usage }) => usage),
    named,
  );
  const asked = (await result.content).flatMap(askedBy);
  if (asked.length > 0) {
    const history = [...messages, ...(await result.responseMessages)] as Json; // messages are JSON
    return {
      question: { calls: asked.map(({ toolCallId, tool, input }) => ({ id: toolCallId, tool, input })) },
      checkpoint: { messages: history, asked: asked.map((one) => ({ ...one })) },
      ...spent,
    };
  }
  const output = (await result.output) ?? (await result.text);
  return { output, ...spent };
}

const begun = (prompt: string | AiMessages): AiMessages =>
  typeof prompt === "string" ? [{ role: "user", content: prompt }] : prompt;

/** The conversation so far, with the person's word on each call that waits for one. */
function goneOn(checkpoint: Json, answer: Json): AiMessages {
  const { messages = [], asked = [] } = isJsonObject(checkpoint) ? checkpoint : {};
  const content = (asked as unknown as readonly Asked[]).map(({ approvalId, toolCallId }) => ({
    type: "tool-approval-response",
    approvalId,
    ...decisionOn(toolCallId, answer),
  }));
  return [...(messages as AiMessages), { role: "tool", content }];
}

/** Shows the text as it comes. The stream says what went wrong in a part of its own; the promises of the result may not. */
async function shown(stream: AsyncIterable<unknown>, say: (text: string) => void): Promise<void> {
  for await (const part of stream as AsyncIterable<Readonly<Record<string, unknown>>>) {
    if (part["type"] === "text-delta") say(String(part["text"]));
    if (part["type"] === "error") throw part["error"];
    if (part["type"] === "abort")
      throw new SpineError("agent.timeout", "The model was stopped.", { retryable: true });
  }
}

function askedBy(part: unknown): readonly Asked[] {
  const { type, isAutomatic, approvalId, toolCall } = part as Readonly<Record<string, unknown>>; // the SDK's parts
  if (type !== "tool-approval-request" || isAutomatic === true) return [];
  const { toolCallId, toolName, input } = toolCall as Readonly<Record<string, unknown>>;
  const asked = { approvalId, toolCallId, tool: toolName, input: input ?? null };
  return [asked as unknown as Asked];
}
