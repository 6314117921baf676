import type { Agent, Contract } from "#core/contract.ts";
import { isJsonObject, type Json } from "#core/json.ts";
import { adaptAgent, type AdapterOptions } from "./adapt-agent.ts";
import { addedUsage, type CallUsage } from "./added-usage.ts";
import { answersById } from "./answers-by-id.ts";
import { decisionOn } from "./decision-on.ts";
import type { Ended, Framework, Turn } from "./framework.ts";

// What an agent of Mastra is given and keeps, typed by each agent in its own way: passed on and never read.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type MastraValue = any;

/** An agent of Mastra, as far as it is called. */
export interface MastraAgent {
  stream(messages: MastraValue, options: MastraValue): Promise<MastraRun>;
  approveToolCall(options: MastraValue): Promise<MastraRun>;
  declineToolCall(options: MastraValue): Promise<MastraRun>;
  resumeStream(data: MastraValue, options: MastraValue): Promise<MastraRun>;
}

/** A run that streams, as far as it is read. */
export interface MastraRun {
  readonly runId: string;
  readonly fullStream: AsyncIterable<unknown>;
  readonly text: PromiseLike<string>;
  readonly object?: PromiseLike<unknown>;
}

/** Mastra's storage, as far as a suspended run is read from it and put back. */
export interface MastraStorage {
  getStore(name: "workflows"): Promise<MastraValue>;
}

export interface MastraOptions<View, Result, Storage extends MastraStorage> extends AdapterOptions<
  View,
  Result,
  string | MastraValue[]
> {
  /** Makes a storage for one task, such as `() => new InMemoryStore()`: what it keeps of a suspended run is the checkpoint. */
  readonly storage: () => Storage;
  /** Makes the agent of a task: of a `Mastra` with this storage. */
  readonly agent: (storage: Storage) => MastraAgent;
}

/**
 * An agent of Mastra. Tools with `requireApproval`, and tools that call `suspend()`, go to a person with `withApproval`; the checkpoint is
 * the suspended run as Mastra stores it.
 *
 * @example
 * const agent = mastraAgent(assistant, {
 *   storage: () => new InMemoryStore(),
 *   agent: (storage) => new Mastra({ storage, agents: { desk } }).getAgent("desk"),
 * });
 */
export function mastraAgent<View, Result, Storage extends MastraStorage>(
  contract: Contract<View, Result>,
  { storage, agent, ...options }: MastraOptions<View, Result, Storage>,
): Agent {
  const framework: Framework<string | MastraValue[]> = {
    run: (turn) => {
      const store = storage();
      return run(turn, agent(store), store);
    },
  };
  return adaptAgent<View, Result, string | MastraValue[]>(contract, framework, options);
}

/** A call of a tool that waits for a person: before it runs, or in the middle. */
interface Waiting {
  readonly id: string;
  readonly kind: "approval" | "suspended";
  readonly tool: string;
  readonly input: Json;
  /** What the tool said when it suspended. */
  readonly says: Json;
}

async function run(
  { prompt, resumed, signal, say }: Turn<string | MastraValue[]>,
  agent: MastraAgent,
  storage: MastraStorage,
): Promise<Ended> {
  const workflows = await storage.getStore("workflows");
  const calls: CallUsage[] = [];
  const { asked, runs, runId } = readCheckpoint(resumed?.checkpoint);
  for (const { workflowName, runId, resourceId, snapshot } of runs)
    await workflows.persistWorkflowSnapshot({ workflowName, runId, resourceId, snapshot });
  const answers = new Map(
    answersById(
      asked.map(({ id }) => id),
      resumed?.answer ?? null,
    ),
  );

  let running: MastraRun | undefined;
  // Mastra goes on with one call at a time; those that wait beside it have been answered, too.
  let next = asked[0];
  let waiting: readonly Waiting[] = [];
  do {
    running =
      next === undefined
        ? await agent.stream(prompt, { abortSignal: signal })
        : await goneOn(agent, next, answers.get(next.id) ?? null, { runId, abortSignal: signal });
    if (next !== undefined) answers.delete(next.id);
    waiting = await shown(running.fullStream, say, calls);
    next = waiting.find(({ id }) => answers.has(id));
  } while (next !== undefined);

  const spent = addedUsage(calls);
  if (waiting.length === 0) return { output: (await running.object) ?? (await running.text), ...spent };
  const stored = await workflows.listWorkflowRuns();
  return {
    question: { calls: waiting.map(({ id, tool, input, says }) => ({ id, tool, input, says })) },
    checkpoint: JSON.parse(
      JSON.stringify({ asked: waiting, runs: stored.runs, runId: running.runId }),
    ) as Json,
    ...spent,
  };
}

interface StoredRun {
  readonly workflowName: string;
  readonly runId: string;
  readonly resourceId?: string;
  readonly snapshot: unknown;
}

interface Checkpoint {
  readonly asked: readonly Waiting[];
  readonly runs: readonly StoredRun[];
  readonly runId: string;
}

/** Written by `run`. */
const readCheckpoint = (checkpoint: Json | undefined): Checkpoint =>
  isJsonObject(checkpoint) ? (checkpoint as unknown as Checkpoint) : { asked: [], runs: [], runId: "" };

function goneOn(
  agent: MastraAgent,
  { id, kind }: Waiting,
  answer: Json,
  options: { readonly runId: string; readonly abortSignal: AbortSignal },
): Promise<MastraRun> {
  const call = { ...options, toolCallId: id };
  if (kind === "suspended") return agent.resumeStream(answer, call);
  const { approved, reason } = decisionOn(id, answer);
  return approved
    ? agent.approveToolCall(call)
    : agent.declineToolCall({ ...call, ...(reason !== undefined && { reason }) });
}

interface Chunk {
  readonly type: string;
  readonly payload: MastraValue;
}

/** Shows the text as it comes, counts what each call of the model took, and gives the calls of tools that wait. */
async function shown(
  stream: AsyncIterable<unknown>,
  say: (text: string) => void,
  calls: CallUsage[],
): Promise<readonly Waiting[]> {
  const waiting: Waiting[] = [];
  for await (const chunk of stream) {
    const { type, payload } = chunk as Chunk;
    if (type === "text-delta") say(String(payload.text));
    if (type === "step-finish") calls.push(payload.output.usage as CallUsage);
    if (type === "error") throw payload.error;
    if (type === "tool-call-approval" || type === "tool-call-suspended")
      waiting.push({
        id: payload.toolCallId,
        kind: type === "tool-call-approval" ? "approval" : "suspended",
        tool: payload.toolName,
        input: payload.args ?? null,
        says: payload.suspendPayload ?? null,
      });
  }
  return waiting;
}
