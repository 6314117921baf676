import type { Agent, Contract } from "#core/contract.ts";
import { SpineError } from "#core/errors.ts";
import { isJsonObject, type Json } from "#core/json.ts";
import { adaptAgent, type AdapterOptions } from "./adapt-agent.ts";
import { addedUsage, type CallUsage } from "./added-usage.ts";
import { answersById } from "./answers-by-id.ts";
import type { Ended, Framework, Turn } from "./framework.ts";

export type { CallUsage } from "./added-usage.ts";

// What an agent is invoked with, and its snapshots: passed on and never read.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type StrandsInput = any;

/** An agent of Strands, as far as it is called. */
export interface StrandsAgent {
  stream(
    input: StrandsInput,
    options: { cancelSignal: AbortSignal },
  ): AsyncGenerator<unknown, StrandsResult, undefined>;
  takeSnapshot(options: { preset: "session" }): unknown;
  loadSnapshot(snapshot: StrandsInput): void;
}

export interface StrandsResult {
  readonly stopReason: string;
  readonly lastMessage: { readonly content: readonly unknown[] };
  readonly structuredOutput?: unknown;
  readonly interrupts?: readonly StrandsInterrupt[];
  readonly metrics?: { readonly latestAgentInvocation?: { readonly usage: CallUsage } | undefined };
}

export interface StrandsInterrupt {
  readonly id: string;
  readonly name: string;
  readonly reason?: unknown;
}

export interface StrandsOptions<View, Result> extends AdapterOptions<View, Result, string | StrandsInput> {
  /** Makes the agent of a task: a new one each time, since an agent of Strands remembers its conversation. */
  readonly agent: () => StrandsAgent;
}

/** Where an agent ends with nothing to say. */
const UNFINISHED = ["limitTurns", "limitTotalTokens", "limitOutputTokens", "maxTokens"];

/**
 * An agent of Strands. What a tool or a hook asks with `interrupt()` goes to a person with `withApproval`; the checkpoint is the agent's
 * snapshot, in which tools that have ended do not run again.
 *
 * @example
 * const agent = strandsAgent(assistant, { agent: () => new Agent({ model, tools, printer: false }) });
 */
export function strandsAgent<View, Result>(
  contract: Contract<View, Result>,
  { agent, ...options }: StrandsOptions<View, Result>,
): Agent {
  const framework: Framework<string | StrandsInput> = { run: (turn) => run(turn, agent()) };
  return adaptAgent<View, Result, string | StrandsInput>(contract, framework, options);
}

async function run(
  { prompt, resumed, signal, say }: Turn<string | StrandsInput>,
  agent: StrandsAgent,
): Promise<Ended> {
  let input: StrandsInput = prompt;
  if (resumed !== undefined && isJsonObject(resumed.checkpoint)) {
    const { snapshot, asked } = resumed.checkpoint;
    agent.loadSnapshot(snapshot);
    const answers = answersById(asked as readonly string[], resumed.answer); // written below
    input = [...answers].map(([interruptId, response]) => ({ interruptResponse: { interruptId, response } }));
  }
  const stream = agent.stream(input, { cancelSignal: signal });
  let step = await stream.next();
  for (; step.done !== true; step = await stream.next()) say(textIn(step.value));
  const { stopReason, lastMessage, structuredOutput, interrupts = [], metrics } = step.value;
  const spent = addedUsage([metrics?.latestAgentInvocation?.usage]);
  if (stopReason === "interrupt") {
    const questions = interrupts.map(({ id, name, reason = null }) => ({ id, name, reason: reason as Json }));
    return {
      question: { interrupts: questions },
      checkpoint: {
        // It has a form of its own for JSON.
        snapshot: JSON.parse(JSON.stringify(agent.takeSnapshot({ preset: "session" }))) as Json,
        asked: questions.map(({ id }) => id),
      },
      ...spent,
    };
  }
  if (UNFINISHED.includes(stopReason)) {
    const text = `The agent stopped at a limit (${stopReason}). Raise it, or give the agent less to do.`;
    throw new SpineError("agent.failed", text);
  }
  return { output: structuredOutput ?? textOf(lastMessage.content), ...spent };
}

const textOf = (content: readonly unknown[]): string =>
  content
    .map((block) => (block as { readonly type?: unknown; readonly text?: unknown }) ?? {})
    .map(({ type, text }) => (type === "textBlock" && typeof text === "string" ? text : ""))
    .join("");

interface StreamedPart {
  readonly type?: unknown;
  readonly event?: {
    readonly type?: unknown;
    readonly delta?: { readonly type?: unknown; readonly text?: unknown };
  };
}

/** The piece of text that an event of the stream brings, if it does. */
function textIn(value: unknown): string {
  const { type, event } = value as StreamedPart;
  if (type !== "modelStreamUpdateEvent" || event?.type !== "modelContentBlockDeltaEvent") return "";
  const { delta } = event;
  return delta?.type === "textDelta" && typeof delta.text === "string" ? delta.text : "";
}
