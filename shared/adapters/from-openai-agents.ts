import type { Agent, Contract, ReportedUsage } from "#core/contract.ts";
import { isJsonObject, type Json } from "#core/json.ts";
import { adaptAgent, type AdapterOptions } from "./adapt-agent.ts";
import { decisionOn } from "./decision-on.ts";
import type { Ended, Framework, Turn } from "./framework.ts";

// Agents, inputs and run states of the SDK, whose types name one another in circles: passed on and never read but for what is below.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type OpenAiValue = any;

/** A run that streams, as far as it is read. */
export interface OpenAiRun extends AsyncIterable<unknown> {
  readonly completed: Promise<void>;
  readonly error?: unknown;
  readonly finalOutput?: unknown;
  readonly interruptions: readonly OpenAiValue[];
  readonly state: OpenAiValue;
}

export interface OpenAiAgentsOptions<View, Result> extends AdapterOptions<
  View,
  Result,
  string | OpenAiValue[]
> {
  /** An `Agent` of the SDK. */
  readonly agent: OpenAiValue;
  /** The SDK's own functions: the adapter imports nothing of it. */
  readonly openai: {
    /** `run`, or a function that passes its three arguments on to one's own `Runner`. */
    readonly run: (
      agent: OpenAiValue,
      input: OpenAiValue,
      options: { readonly stream: true; readonly signal: AbortSignal },
    ) => Promise<OpenAiRun>;
    readonly RunState: { fromString(agent: OpenAiValue, text: string): Promise<OpenAiValue> };
  };
}

/**
 * An agent of the OpenAI Agents SDK. Tools with `needsApproval` go to a person with `withApproval`; the checkpoint is the SDK's own run
 * state.
 *
 * @example
 * const agent = openAiAgentsAgent(assistant, { agent: new Agent({ name: "desk", tools }), openai: { run, RunState } });
 */
export function openAiAgentsAgent<View, Result>(
  contract: Contract<View, Result>,
  { agent, openai, ...options }: OpenAiAgentsOptions<View, Result>,
): Agent {
  const framework: Framework<string | OpenAiValue[]> = { run: (turn) => run(turn, agent, openai) };
  return adaptAgent<View, Result, string | OpenAiValue[]>(contract, framework, options);
}

/** What the SDK says of one call that waits for approval. */
interface Approval {
  readonly name?: string;
  readonly arguments?: string;
  readonly rawItem: { readonly callId?: string; readonly id?: string };
}

async function run(
  { prompt, resumed, signal, say }: Turn<string | OpenAiValue[]>,
  agent: OpenAiValue,
  { run: begin, RunState }: OpenAiAgentsOptions<unknown, unknown>["openai"],
): Promise<Ended> {
  let input: OpenAiValue = prompt;
  // A run's state counts on from where it stopped: what earlier turns took has been reported.
  let before: Spent = NOTHING;
  if (resumed !== undefined) {
    const state = await RunState.fromString(agent, stateIn(resumed.checkpoint));
    before = spentOf(state);
    for (const item of state.getInterruptions() as readonly Approval[]) {
      const { approved, reason } = decisionOn(callOf(item), resumed.answer);
      if (approved) state.approve(item);
      else state.reject(item, reason === undefined ? {} : { message: reason });
    }
    input = state;
  }
  const running = await begin(agent, input, { stream: true, signal });
  for await (const event of running) say(textIn(event));
  // A run that was stopped ends as if it were done.
  signal.throwIfAborted();
  await running.completed;
  if (running.error !== undefined && running.error !== null) throw running.error;
  const usage = since(before, spentOf(running.state));
  if (running.interruptions.length === 0) return { output: running.finalOutput, usage };
  const calls = (running.interruptions as readonly Approval[]).map((item) => ({
    id: callOf(item),
    tool: item.name ?? "",
    input: parsed(item.arguments),
  }));
  return { question: { calls }, checkpoint: { state: String(running.state) }, usage };
}

const stateIn = (checkpoint: Json): string =>
  isJsonObject(checkpoint) && typeof checkpoint["state"] === "string" ? checkpoint["state"] : "";

const callOf = ({ rawItem }: Approval): string => rawItem.callId ?? rawItem.id ?? "";

interface Spent {
  readonly inputTokens: number;
  readonly outputTokens: number;
}
const NOTHING: Spent = { inputTokens: 0, outputTokens: 0 };

/** As of now: the SDK counts on in the object that it gives. */
function spentOf({ usage }: OpenAiValue): Spent {
  const { inputTokens, outputTokens } = usage as Spent;
  return { inputTokens, outputTokens };
}

const since = (before: Spent, { inputTokens, outputTokens }: Spent): ReportedUsage => ({
  inputTokens: inputTokens - before.inputTokens,
  outputTokens: outputTokens - before.outputTokens,
});

function parsed(text = "null"): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** The piece of text that an event of the stream brings, if it does. */
function textIn(event: unknown): string {
  const { type, data } = event as {
    readonly type?: unknown;
    readonly data?: Readonly<Record<string, unknown>>;
  };
  if (type !== "raw_model_stream_event" || data?.["type"] !== "output_text_delta") return "";
  return String(data["delta"]);
}
