import type { Json, JsonObject } from "../../json.ts";
import { isoTime } from "../iso-time.ts";
import { a2aTaskId } from "./a2a-task-id.ts";
import {
  dataPart,
  textPart,
  type A2aArtifact,
  type A2aMessage,
  type A2aPart,
  type A2aStreamResponse,
  type A2aTask,
  type A2aTaskStatus,
} from "./a2a-words.ts";
import type { CourseAsk, CourseReply, TaskCourse } from "./task-course.ts";

/** What a course does not say of a task. */
export interface TaskAround {
  readonly session: string;
  /** The JSON Schema of the answer to a question of this wording, where the application has one. */
  readonly schemaOf: (question: string) => JsonObject | undefined;
}

export interface TaskShown {
  /** Messages of its history: the newest so many. @default all */
  readonly historyLength?: number | undefined;
  /** @default true */
  readonly withArtifacts?: boolean;
}

/** A task as A2A 1.0 writes it. Without artifacts or history the fields are missing. */
export function toA2aTask(
  course: TaskCourse,
  around: TaskAround,
  { historyLength, withArtifacts = true }: TaskShown = {},
): A2aTask {
  const history = historyOf(course, around);
  const shown = historyLength === undefined ? history : history.slice(history.length - historyLength);
  return {
    ...idsOf(course, around),
    status: statusOf(course, around),
    ...(withArtifacts && { artifacts: course.replies.flatMap(artifactsOf) }),
    ...(shown.length > 0 && { history: shown }),
    metadata: { event: course.input.type, sequence: course.start, disposition: course.disposition },
  };
}

/** What a stream tells of the way from one course of a task to a later one: artifacts first, then the status. */
export function updatesBetween(
  before: TaskCourse,
  after: TaskCourse,
  around: TaskAround,
): readonly A2aStreamResponse[] {
  const { id: taskId, contextId } = idsOf(after, around);
  const artifacts = after.replies.slice(before.replies.length).flatMap(artifactsOf);
  const updates = artifacts.map((artifact): A2aStreamResponse => ({
    artifactUpdate: { taskId, contextId, artifact, lastChunk: true },
  }));
  const isOther = after.state !== before.state || after.asks !== before.asks;
  return isOther
    ? [...updates, { statusUpdate: { taskId, contextId, status: statusOf(after, around) } }]
    : updates;
}

const idsOf = ({ start }: TaskCourse, { session }: TaskAround) => ({
  id: a2aTaskId({ session, start }),
  contextId: session,
});

function statusOf(course: TaskCourse, around: TaskAround): A2aTaskStatus {
  const parts = saidIn(course, around);
  const message = agentMessage(course, around, `status-${course.changed.sequence}`, parts);
  return {
    state: course.state,
    ...(parts.length > 0 && { message }),
    timestamp: isoTime(course.changed.at),
  };
}

function saidIn(course: TaskCourse, around: TaskAround): readonly A2aPart[] {
  switch (course.state) {
    case "TASK_STATE_INPUT_REQUIRED":
      return Object.values(course.asks).flatMap((ask) => askParts(ask, around));
    case "TASK_STATE_REJECTED":
      return [textPart(course.reason ?? REJECTED[course.disposition === "ignored" ? "ignored" : "rejected"])];
    case "TASK_STATE_FAILED":
    case "TASK_STATE_CANCELED":
      return course.ends.flatMap((end) =>
        end.how === "completed" ? [] : [textPart(end.error.message), dataPart({ ...end.error })],
      );
    default:
      return [];
  }
}

const REJECTED = {
  ignored: "No flow starts with this event now.",
  rejected: "The session takes no such event while it is busy.",
} as const;

const askParts = ({ ask, question, dueAt }: CourseAsk, { schemaOf }: TaskAround): readonly A2aPart[] => {
  const schema = schemaOf(question);
  const answerable = { ask, question, until: isoTime(dueAt), ...(schema !== undefined && { schema }) };
  return [textPart(question), dataPart(answerable)];
};

/** A reply of nothing is no artifact: one has a part at least. */
function artifactsOf({ sequence, flow, body }: CourseReply): readonly A2aArtifact[] {
  if (body === null) return [];
  return [{ artifactId: `reply-${sequence}`, name: flow, parts: [valuePart(body)] }];
}

const valuePart = (value: Json): A2aPart => (typeof value === "string" ? textPart(value) : dataPart(value));

/** What was sent, asked and answered, in the log's order. What others answered is no message of the client's. */
function historyOf(course: TaskCourse, around: TaskAround): readonly A2aMessage[] {
  const { start, input, asked, answers } = course;
  const answered = answers
    .filter(({ source }) => source === input.source)
    .map(({ id, value, sequence }) => ({
      sequence,
      message: message(course, around, { messageId: id, role: "ROLE_USER", parts: [valuePart(value)] }),
    }));
  const questions = asked.map((ask) => ({
    sequence: ask.sequence,
    message: agentMessage(course, around, `question-${ask.sequence}`, askParts(ask, around)),
  }));
  const sent = message(course, around, {
    messageId: input.id,
    role: "ROLE_USER",
    parts: [valuePart(input.data)],
  });
  return [{ sequence: start, message: sent }, ...answered, ...questions]
    .toSorted((a, b) => a.sequence - b.sequence)
    .map((one) => one.message);
}

type Said = Pick<A2aMessage, "messageId" | "role" | "parts">;

function message(course: TaskCourse, around: TaskAround, said: Said): A2aMessage {
  const { id: taskId, contextId } = idsOf(course, around);
  return { ...said, taskId, contextId };
}

const agentMessage = (
  course: TaskCourse,
  around: TaskAround,
  name: string,
  parts: readonly A2aPart[],
): A2aMessage =>
  message(course, around, {
    messageId: `${idsOf(course, around).id}/${name}`,
    role: "ROLE_AGENT",
    parts,
  });
