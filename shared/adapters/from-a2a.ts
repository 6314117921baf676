import type { Agent, Contract, ReportedUsage } from "#core/contract.ts";
import { SpineError } from "#core/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "#core/json.ts";
import { adaptAgent, type AdapterOptions } from "./adapt-agent.ts";
import { a2aEvents, cancelRemote, type A2aEvent, type A2aTarget, type A2aPart } from "./a2a-call.ts";
import type { Ended, Framework, Turn } from "./framework.ts";
import { fixedUrl } from "./fixed-url.ts";

export type { A2aPart } from "./a2a-call.ts";

export interface A2aOptions<View, Result> extends AdapterOptions<View, Result, string | readonly A2aPart[]> {
  /** Of the agent's JSON-RPC interface, as its card names it; fixed, and never part of a view. */
  readonly url: string | URL;
  /** Such as its authorization; asked for with each request. @default none */
  readonly headers?: () => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** Asks for a stream, which shows the agent's text as it comes; the agent's card says whether it can. @default true */
  readonly streaming?: boolean;
  /** Sent with each message, such as the skill that the agent is asked for, where it has several. @default none */
  readonly metadata?: JsonObject;
  /** What it cost, of the metadata of its task or message: A2A has no field of its own. @default unknown */
  readonly usage?: (metadata: JsonObject) => ReportedUsage | undefined;
  /** What the agent is sent of a person's answer. @default a text as text, all else as data */
  readonly answer?: (answer: Json) => readonly A2aPart[];
}

/**
 * An agent of another service, by A2A 1.0 over JSON-RPC. Where it requires input, a person is asked with `withApproval`, and the answer
 * goes to the same task; the checkpoint is the task's id. The message's id is the same for every attempt of a task.
 *
 * @example
 * const agent = a2aAgent(assistant, { url: "https://agents.example.com/a2a/jsonrpc" });
 */
export function a2aAgent<View, Result>(
  contract: Contract<View, Result>,
  { url, headers, streaming = true, metadata, usage, answer = partsOf, ...options }: A2aOptions<View, Result>,
): Agent {
  const target = { url: fixedUrl(url), headers: headers ?? (() => ({})), streaming };
  const framework: Framework<string | readonly A2aPart[]> = {
    run: (turn) => run(turn, target, { usage, answer, metadata }),
  };
  return adaptAgent<View, Result, string | readonly A2aPart[]>(contract, framework, options);
}

interface Talking {
  readonly metadata: JsonObject | undefined;
  readonly usage: ((metadata: JsonObject) => ReportedUsage | undefined) | undefined;
  readonly answer: (answer: Json) => readonly A2aPart[];
}

/** What is known of a remote task. */
interface Known {
  taskId?: string;
  contextId?: string;
  state?: string;
  /** What its last status says. */
  says: readonly A2aPart[];
  /** Its artifacts, by id, in the order in which they came. */
  readonly artifacts: Map<string, readonly A2aPart[]>;
  metadata: JsonObject;
}

async function run(
  { prompt, resumed, signal, say, task }: Turn<string | readonly A2aPart[]>,
  target: A2aTarget,
  { usage, answer, metadata }: Talking,
): Promise<Ended> {
  const before = isJsonObject(resumed?.checkpoint) ? resumed.checkpoint : {};
  const parts = resumed === undefined ? partsOf(prompt) : answer(resumed.answer);
  const said = { role: "ROLE_USER", messageId: task.idempotencyKey, parts, ...before };
  const message = metadata === undefined ? said : { ...said, metadata };
  const known: Known = { says: [], artifacts: new Map(), metadata: {} };
  try {
    for await (const event of a2aEvents(target, message, signal)) say(learn(known, event));
  } catch (error) {
    // A remote agent does not see that nobody listens.
    if (signal.aborted && known.taskId !== undefined) cancelRemote(target, known.taskId);
    throw error;
  }
  const spent = usage?.(known.metadata);
  return { ...endOf(known), ...(spent !== undefined && { usage: spent }) };
}

/** Takes what an event tells; gives the text that it adds. */
function learn(known: Known, { task, message, statusUpdate, artifactUpdate }: A2aEvent): string {
  if (message !== undefined) {
    known.state = "TASK_STATE_COMPLETED";
    known.says = message.parts ?? [];
    known.metadata = { ...known.metadata, ...message.metadata };
    return textOf(known.says);
  }
  const seen = task ?? statusUpdate ?? artifactUpdate;
  const id = task?.id ?? statusUpdate?.taskId ?? artifactUpdate?.taskId;
  if (id !== undefined) known.taskId = id;
  if (seen?.contextId !== undefined) known.contextId = seen.contextId;
  known.metadata = { ...known.metadata, ...seen?.metadata };
  const status = task?.status ?? statusUpdate?.status;
  if (status !== undefined) {
    if (status.state !== undefined) known.state = status.state;
    known.says = status.message?.parts ?? [];
  }
  for (const artifact of task?.artifacts ?? [])
    known.artifacts.set(artifact.artifactId, artifact.parts ?? []);
  const { artifact, append = false } = artifactUpdate ?? {};
  if (artifact === undefined) return "";
  const so = append ? (known.artifacts.get(artifact.artifactId) ?? []) : [];
  known.artifacts.set(artifact.artifactId, [...so, ...(artifact.parts ?? [])]);
  return textOf(artifact.parts ?? []);
}

function endOf({ state, says, artifacts, taskId, contextId }: Known): Ended {
  switch (state) {
    case "TASK_STATE_COMPLETED": {
      const parts = [...artifacts.values()].flat();
      return { output: outputOf(parts.length > 0 ? parts : says) };
    }
    case "TASK_STATE_INPUT_REQUIRED":
      return {
        question: outputOf(says),
        checkpoint: {
          ...(taskId !== undefined && { taskId }),
          ...(contextId !== undefined && { contextId }),
        },
      };
    case "TASK_STATE_REJECTED":
    case "TASK_STATE_AUTH_REQUIRED":
      throw new SpineError("agent.failed", `The remote agent did not take the task (${state}).`);
    default:
      throw new SpineError("agent.failed", `The remote agent ended with ${state ?? "nothing"}.`, {
        retryable: true,
      });
  }
}

/** The data of a part if there is just one with data, else the text. */
function outputOf(parts: readonly A2aPart[]): Json {
  const [data, ...more] = parts.flatMap((part) => (part.data === undefined ? [] : [part.data]));
  return data !== undefined && more.length === 0 ? data : textOf(parts);
}

const textOf = (parts: readonly A2aPart[]): string => parts.map(({ text = "" }) => text).join("");

const partsOf = (value: Json | readonly A2aPart[]): readonly A2aPart[] => {
  if (Array.isArray(value)) return value as readonly A2aPart[];
  return typeof value === "string" ? [{ text: value }] : [{ data: value as Json }];
};
