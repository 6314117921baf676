import type { Json, JsonObject } from "#core/json.ts";
import { toA2aTask, updatesBetween, type TaskShown } from "#core/session/a2a/a2a-task.ts";
import { isTerminal, type A2aStreamResponse } from "#core/session/a2a/a2a-words.ts";
import { ApiError } from "../api-error.ts";
import type { SpineClient } from "../client.ts";
import { A2aError } from "./a2a-error.ts";
import { readGet, readList, readSend, readTask as readTaskParams, type SendRequest } from "./a2a-requests.ts";
import { listTasks } from "./list-tasks.ts";
import { followTask, isTurnOver, readOn, readTask, type OpenTask } from "./open-task.ts";
import { takeMessage, type MessageReading } from "./take-message.ts";

/** A method's answer, or its answers as they come. */
export type A2aAnswer =
  | { readonly type: "result"; readonly result: JsonObject }
  | { readonly type: "stream"; readonly results: AsyncIterable<JsonObject> };

/** Performs a method of A2A 1.0. Throws `A2aError`, and what the client throws. Aborting the signal ends what is under way. */
export type A2aAgent = (method: string, params: Json, signal: AbortSignal) => Promise<A2aAnswer>;

export interface A2aAgentOptions extends Omit<MessageReading, "scope"> {
  /** Whether questions to people are asked of the client, who answers in their place. */
  readonly asksClient: boolean;
  /** The spine; what the client asks ends with the signal. */
  readonly connect: (signal: AbortSignal) => SpineClient;
}

/** A request waits for its reply for so long at first, ms: replies are found sooner so than by following the log. */
const REPLY_MS = 20_000;
const CANCEL_REASON = "cancelled over A2A";
const CONFLICT = 409;

/**
 * A spine as an agent of A2A 1.0: a context is a session, and a task is what a message's event starts in it. Nothing is kept here: what a task
 * says is folded from the session's events at each request.
 */
export function createA2aAgent({ connect, asksClient, ...options }: A2aAgentOptions): A2aAgent {
  const scope = { types: new Set(options.skills.map(({ type }) => type)), asksClient };
  const reading = { ...options, scope };
  const aroundOf = ({ name: { session } }: OpenTask) => ({ session, schemaOf: reading.schemaOf });
  const shown = (task: OpenTask, options: TaskShown = {}): JsonObject =>
    written(toA2aTask(task.course, aroundOf(task), options));

  const untilTurnIsOver = async (
    client: SpineClient,
    begun: OpenTask,
    signal: AbortSignal,
  ): Promise<OpenTask> => {
    if (isTurnOver(begun)) return begun;
    for await (const task of followTask(client, begun, signal))
      if (isTurnOver(task)) return readOn(client, task);
    return begun;
  };

  const sendMessage = async (request: SendRequest, signal: AbortSignal): Promise<A2aAnswer> => {
    const client = connect(signal);
    const { message, historyLength, returnImmediately } = request;
    const id = await takeMessage(client, message, reading, returnImmediately ? 0 : REPLY_MS);
    const begun = await readTask(client, id, scope);
    const task = returnImmediately ? begun : await untilTurnIsOver(client, begun, signal);
    return { type: "result", result: { task: shown(task, { historyLength }) } };
  };

  async function* told(
    client: SpineClient,
    begun: OpenTask,
    { isOver, signal, ...options }: Telling,
  ): AsyncGenerator<JsonObject, void> {
    yield { task: shown(begun, options) };
    if (isOver(begun)) return;
    const updates = (from: OpenTask, to: OpenTask): readonly JsonObject[] =>
      updatesBetween(from.course, to.course, aroundOf(to)).map(written<A2aStreamResponse>);
    let before = begun;
    for await (const task of followTask(client, begun, signal)) {
      yield* updates(before, task);
      before = task;
      if (!isOver(task)) continue;
      // What was asked in the same moment is told too.
      yield* updates(task, await readOn(client, task));
      return;
    }
  }

  const streamMessage = async (
    { message, historyLength }: SendRequest,
    signal: AbortSignal,
  ): Promise<A2aAnswer> => {
    const client = connect(signal);
    const begun = await readTask(client, await takeMessage(client, message, reading, 0), scope);
    return { type: "stream", results: told(client, begun, { isOver: isTurnOver, signal, historyLength }) };
  };

  const subscribe = async (id: string, signal: AbortSignal): Promise<A2aAnswer> => {
    const client = connect(signal);
    const begun = await readTask(client, id, scope);
    if (hasEnded(begun))
      throw new A2aError("UNSUPPORTED_OPERATION", "The task has ended: read it with GetTask.", "id");
    return { type: "stream", results: told(client, begun, { isOver: hasEnded, signal }) };
  };

  const cancel = async (id: string, signal: AbortSignal): Promise<JsonObject> => {
    const client = connect(signal);
    const task = await readTask(client, id, scope);
    if (hasEnded(task)) throw notCancelable(task);
    for (const [run, { status }] of Object.entries(task.course.runs)) {
      if (status === "ended") continue;
      const command = { id: `a2a-cancel/${run}`, type: "cancel", run, reason: CANCEL_REASON } as const;
      await client.command(task.name.session, command).catch((error: unknown) => {
        // It has just ended, or was cancelled before.
        if (!(error instanceof ApiError) || error.status !== CONFLICT) throw error;
      });
    }
    const now = await readOn(client, task);
    if (hasEnded(now) && now.course.state !== "TASK_STATE_CANCELED") throw notCancelable(now);
    return shown(now);
  };

  return async (method, params, signal) => {
    switch (method) {
      case "SendMessage":
        return sendMessage(readSend(params), signal);
      case "SendStreamingMessage":
        return streamMessage(readSend(params), signal);
      case "GetTask": {
        const { id, historyLength } = readGet(params);
        return {
          type: "result",
          result: shown(await readTask(connect(signal), id, scope), { historyLength }),
        };
      }
      case "ListTasks": {
        const page = await listTasks(connect(signal), readList(params), reading);
        return { type: "result", result: written(page) };
      }
      case "CancelTask":
        return { type: "result", result: await cancel(readTaskParams(params), signal) };
      case "SubscribeToTask":
        return subscribe(readTaskParams(params), signal);
      case "GetExtendedAgentCard":
        throw new A2aError("UNSUPPORTED_OPERATION", "This agent has no extended card.");
      case "CreateTaskPushNotificationConfig":
      case "GetTaskPushNotificationConfig":
      case "ListTaskPushNotificationConfigs":
      case "DeleteTaskPushNotificationConfig":
        throw new A2aError("PUSH_NOTIFICATION_NOT_SUPPORTED", "This agent sends no push notifications.");
      default:
        throw new A2aError("METHOD_NOT_FOUND", "There is no such method.");
    }
  };
}

interface Telling extends TaskShown {
  readonly isOver: (task: OpenTask) => boolean;
  readonly signal: AbortSignal;
}

const hasEnded = ({ course: { state } }: OpenTask): boolean => isTerminal(state);

const notCancelable = ({ course: { state } }: OpenTask): A2aError =>
  new A2aError("TASK_NOT_CANCELABLE", `The task has ended already (${state}).`, "id");

/** Words of the protocol are plain JSON by their types; interfaces only lack the index signature. */
const written = <Words extends object>(words: Words): JsonObject => words as unknown as JsonObject;
