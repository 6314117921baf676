import type { Agent, Contract } from "#core/contract.ts";
import { isJsonObject, type Json } from "#core/json.ts";
import { adaptAgent, type AdapterOptions } from "./adapt-agent.ts";
import { addedUsage, type CallUsage } from "./added-usage.ts";
import { answersById } from "./answers-by-id.ts";
import type { Ended, Framework, Turn } from "./framework.ts";
import { openSaver, savedIn, THREAD, type MemorySaverLike } from "./langgraph-checkpoint.ts";

export type { MemorySaverLike } from "./langgraph-checkpoint.ts";

// A graph's own input, commands and configuration: passed on and never read, and typed by each graph in its own way.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type GraphInput = any;

/** A compiled graph, as far as it is called. */
export interface Graph {
  stream(input: GraphInput, config: GraphInput): Promise<AsyncIterable<unknown>>;
}

export interface LangGraphOptions<View, Result, Saver extends MemorySaverLike> extends AdapterOptions<
  View,
  Result,
  string | GraphInput
> {
  /** Makes the graph of a task; `checkpointer` belongs to it alone. */
  readonly graph: (checkpointer: Saver) => Graph;
  /** LangGraph's own classes: the adapter imports nothing of it. */
  readonly langgraph: {
    readonly MemorySaver: new () => Saver;
    readonly Command: new (args: { resume: unknown }) => unknown;
  };
  /** Further fields of the graph's configuration, such as `recursionLimit`. @default none */
  readonly config?: Readonly<Record<string, unknown>>;
}

/**
 * A graph of LangGraph.js 1. What a node asks with `interrupt()` goes to a person with `withApproval`, and the answer comes back as the
 * value of `interrupt()`; the checkpoint is the graph's own, so that nodes that have ended do not run again.
 *
 * @example
 * const agent = langGraphAgent(assistant, {
 *   langgraph: { MemorySaver, Command },
 *   graph: (checkpointer) => builder.compile({ checkpointer }),
 * });
 */
export function langGraphAgent<View, Result, Saver extends MemorySaverLike>(
  contract: Contract<View, Result>,
  { graph, langgraph, config, ...options }: LangGraphOptions<View, Result, Saver>,
): Agent {
  const framework: Framework<string | GraphInput> = {
    run: (turn) => run(turn, { graph, langgraph, config: config ?? {} }),
  };
  return adaptAgent<View, Result, string | GraphInput>(contract, framework, options);
}

interface Running<Saver extends MemorySaverLike> {
  readonly graph: (checkpointer: Saver) => Graph;
  readonly langgraph: LangGraphOptions<unknown, unknown, Saver>["langgraph"];
  readonly config: Readonly<Record<string, unknown>>;
}

interface Question {
  readonly id?: string;
  readonly value?: Json;
}

async function run<Saver extends MemorySaverLike>(
  { prompt, resumed, signal, say }: Turn<string | GraphInput>,
  { graph, langgraph, config }: Running<Saver>,
): Promise<Ended> {
  const saver = new langgraph.MemorySaver();
  const { saved, asked } =
    resumed === undefined ? { saved: {}, asked: [] } : readCheckpoint(resumed.checkpoint);
  openSaver(saver, saved);
  const input =
    resumed === undefined
      ? typeof prompt === "string"
        ? { messages: [{ role: "user", content: prompt }] }
        : prompt
      : new langgraph.Command({ resume: resumeOf(asked, resumed.answer) });
  const calls: CallUsage[] = [];
  const chunks = await graph(saver).stream(input, {
    ...config,
    signal,
    streamMode: ["messages", "values"],
    configurable: { ...(config["configurable"] as object | undefined), thread_id: THREAD },
    callbacks: [
      { awaitHandlers: true, handleLLMEnd: (output: unknown) => void calls.push(...usageOf(output)) },
    ],
  });
  let state: unknown;
  let questions: readonly Question[] = [];
  for await (const chunk of chunks) {
    const [mode, data] = chunk as readonly [string, unknown];
    if (mode === "messages") say(textOf((data as readonly unknown[])[0]));
    if (mode !== "values") continue;
    const { __interrupt__: raised, ...values } = data as Readonly<Record<string, unknown>>;
    if (Array.isArray(raised)) questions = raised as readonly Question[];
    else state = values;
  }
  const spent = addedUsage(calls);
  if (questions.length === 0) return { output: outputOf(state), ...spent };
  const ids = questions.map(({ id = "" }) => id);
  return {
    question: { interrupts: questions.map(({ id = "", value = null }) => ({ id, value })) },
    checkpoint: { saved: savedIn(saver), asked: ids },
    ...spent,
  };
}

function readCheckpoint(checkpoint: Json): { readonly saved: Json; readonly asked: readonly string[] } {
  const { saved = {}, asked = [] } = isJsonObject(checkpoint) ? checkpoint : {};
  return { saved, asked: asked as readonly string[] }; // written below
}

/** As `Command` takes it: for one question its value, for several at once one for each id. */
function resumeOf(asked: readonly string[], answer: Json): unknown {
  return asked.length < 2 ? answer : Object.fromEntries(answersById(asked, answer));
}

/** What a model said, of the messages that a graph streams. */
function textOf(message: unknown): string {
  const { content, getType } = message as { readonly content?: unknown; readonly getType?: () => string };
  if (getType?.call(message) !== "ai") return "";
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((block: Readonly<Record<string, unknown>>) =>
      block["type"] === "text" ? String(block["text"]) : "",
    )
    .join("");
}

/** The last message's text where the state has messages, and else the state. */
function outputOf(state: unknown): unknown {
  const { messages } = (state ?? {}) as { readonly messages?: readonly unknown[] };
  const last = Array.isArray(messages) ? messages.at(-1) : undefined;
  return last === undefined ? state : textOf(last);
}

/** The usage of one call of a model, as LangChain tells its callbacks. */
function usageOf(output: unknown): readonly CallUsage[] {
  const { generations = [] } = output as {
    readonly generations?: readonly (readonly {
      readonly message?: { readonly usage_metadata?: UsageMetadata };
    }[])[];
  };
  return generations.flat().flatMap(({ message }) => {
    const usage = message?.usage_metadata;
    return usage === undefined
      ? []
      : [{ inputTokens: usage.input_tokens, outputTokens: usage.output_tokens }];
  });
}

interface UsageMetadata {
  readonly input_tokens: number;
  readonly output_tokens: number;
}
