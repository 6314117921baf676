import { a2aTaskId } from "#core/session/a2a/a2a-task-id.ts";
import type { JsonObject } from "#core/json.ts";
import type { CourseAsk, TaskCourse } from "#core/session/a2a/task-course.ts";
import { ApiError } from "../api-error.ts";
import type { SpineClient } from "../client.ts";
import { A2aError } from "./a2a-error.ts";
import type { SentMessage } from "./a2a-requests.ts";
import { textWay, type A2aSkill } from "./a2a-skill.ts";
import { valueOf } from "./message-value.ts";
import { readTask, type TaskScope } from "./open-task.ts";

/** What messages are read by. */
export interface MessageReading {
  readonly skills: readonly A2aSkill[];
  readonly scope: TaskScope;
  /** The JSON Schema of the answer to a question of this wording, where the application has one. */
  readonly schemaOf: (question: string) => JsonObject | undefined;
  readonly sha256: (text: string) => string;
}

const SESSION = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/;
const NAME_LENGTH = 32;

/**
 * Hands a message to the spine, and gives the id of the task that it is about: an event of its skill's type starts one, a message to a task
 * answers its question. The message's id is that of the event or the answer, so that the same message again is taken once; without a context
 * the session is named after it. Waits for a reply at most `waitMs`. Throws `A2aError`, and `ApiError` for what the spine refuses.
 */
export async function takeMessage(
  client: SpineClient,
  message: SentMessage,
  reading: MessageReading,
  waitMs: number,
): Promise<string> {
  if (message.taskId !== undefined) return takeAnswer(client, message, message.taskId, { reading, waitMs });
  const { messageId: id, contextId, parts, metadata } = message;
  const session = contextId ?? `a2a-${reading.sha256(id).slice(0, NAME_LENGTH)}`;
  if (!SESSION.test(session))
    throw new A2aError(
      "INVALID_PARAMS",
      "The context's id is no session's name: 1 to 128 letters, digits and . _ : @ -, the first a letter or digit.",
      "message.contextId",
    );
  const { type, schema } = skillOf(metadata, reading.skills);
  const data = valueOf(parts, { what: `The event ${type}`, schema, text: textWay(schema) });
  try {
    const { sequence } = await client.send(session, { id, type, data }, waitMs);
    return a2aTaskId({ session, start: sequence });
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "input.rejected") throw error;
    return rejectedTask(client, session, id);
  }
}

/** The event is in the log, and nothing takes it. */
async function rejectedTask(client: SpineClient, session: string, id: string): Promise<string> {
  const logged = await client.eventsAfter(session, 0);
  const found = logged.findLast(({ event }) => event.type === "InputAccepted" && event.data.input.id === id);
  if (found === undefined)
    throw new A2aError("UNSUPPORTED_OPERATION", "The session takes no such event now.");
  return a2aTaskId({ session, start: found.event.sequence });
}

function skillOf({ skill: wanted }: JsonObject, skills: readonly A2aSkill[]): A2aSkill {
  const [only, ...more] = skills;
  const names = skills.map(({ type }) => type).join(", ");
  if (wanted === undefined) {
    if (only !== undefined && more.length === 0) return only;
    throw new A2aError(
      "INVALID_PARAMS",
      `The message does not say which skill it asks for. Name one of ${names} as "skill" of its metadata.`,
      "message.metadata.skill",
    );
  }
  const found = skills.find(({ type }) => type === wanted);
  if (found !== undefined) return found;
  throw new A2aError(
    "INVALID_PARAMS",
    `There is no such skill. Name one of ${names}.`,
    "message.metadata.skill",
  );
}

interface Answering {
  readonly reading: MessageReading;
  readonly waitMs: number;
}

async function takeAnswer(
  client: SpineClient,
  { messageId: id, contextId, parts, metadata }: SentMessage,
  taskId: string,
  { reading, waitMs }: Answering,
): Promise<string> {
  const { name, course } = await readTask(client, taskId, reading.scope);
  if (contextId !== undefined && contextId !== name.session)
    throw new A2aError("INVALID_PARAMS", "The task is one of another context.", "message.contextId");
  const asked = askOf(course, id, metadata["ask"]);
  const schema = reading.schemaOf(asked.question);
  // The answer to a question of any form is what was said.
  const text = schema === undefined ? ({ type: "whole" } as const) : textWay(schema);
  const value = valueOf(parts, { what: `The question "${asked.question}"`, schema, text });
  await client.answer(name.session, asked.ask, { id, value }, waitMs);
  return taskId;
}

/** The question that a message answers: the one that it answered before, or the one that is named, or the only one. */
function askOf({ answers, asked, asks }: TaskCourse, id: string, named: unknown): CourseAsk {
  const before = answers.find((answer) => answer.id === id);
  const known = before && asked.find(({ ask }) => ask === before.ask);
  if (known !== undefined) return known;
  const open = Object.values(asks);
  const [only, ...more] = open;
  if (only === undefined)
    throw new A2aError("UNSUPPORTED_OPERATION", "The task asks nothing now, and takes no message.");
  if (named === undefined && more.length === 0) return only;
  const found = open.find(({ ask }) => ask === named);
  if (found !== undefined) return found;
  const names = open.map(({ ask }) => ask).join(", ");
  throw new A2aError(
    "INVALID_PARAMS",
    `The task asks ${open.length} questions. Name the one that is answered as "ask" of the message's metadata: ${names}.`,
    "message.metadata.ask",
  );
}
