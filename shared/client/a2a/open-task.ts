import { readA2aTaskId, type A2aTaskName } from "#core/session/a2a/a2a-task-id.ts";
import { isTerminal } from "#core/session/a2a/a2a-words.ts";
import { courseAfter, courseOf, isAboutQuestion, type TaskCourse } from "#core/session/a2a/task-course.ts";
import { ApiError } from "../api-error.ts";
import type { LoggedEvent, SpineClient } from "../client.ts";
import { A2aError } from "./a2a-error.ts";

/** Which tasks a client is told of, and what of them. */
export interface TaskScope {
  /** Types of the events whose tasks it is told of. */
  readonly types: ReadonlySet<string>;
  /** Whether questions to people are asked of the client. */
  readonly asksClient: boolean;
}

/** A task as far as its session's log was read. */
export interface OpenTask {
  readonly name: A2aTaskName;
  readonly course: TaskCourse;
  /** The last event that was read. */
  readonly last: number;
  readonly scope: TaskScope;
}

const UNKNOWN: ReadonlySet<number> = new Set([404, 410]);

/**
 * Reads a task from the log, no further than where it has ended. Throws `TASK_NOT_FOUND` for one that no event of the scope starts.
 */
export async function readTask(client: SpineClient, id: string, scope: TaskScope): Promise<OpenTask> {
  const name = readA2aTaskId(id);
  if (name === undefined) throw notFound(id);
  let course: TaskCourse | undefined;
  let last = name.start;
  try {
    for await (const logged of client.eventPages(name.session, name.start - 1)) {
      const told = toldIn(logged, scope);
      course = course === undefined ? courseOf(told, name.start) : told.reduce(courseAfter, course);
      last = logged.at(-1)?.event.sequence ?? last;
      if (course === undefined || isTerminal(course.state)) break;
    }
  } catch (error) {
    if (error instanceof ApiError && UNKNOWN.has(error.status)) throw notFound(id);
    throw error;
  }
  if (course === undefined || !scope.types.has(course.input.type)) throw notFound(id);
  return { name, course, last, scope };
}

/** The task with what has been committed since. */
export async function readOn(client: SpineClient, task: OpenTask): Promise<OpenTask> {
  const logged = await client.eventsAfter(task.name.session, task.last);
  const course = toldIn(logged, task.scope).reduce(courseAfter, task.course);
  return { ...task, course, last: logged.at(-1)?.event.sequence ?? task.last };
}

/** The task after each event that is committed from now on, until the signal. */
export async function* followTask(
  client: SpineClient,
  task: OpenTask,
  signal: AbortSignal,
): AsyncGenerator<OpenTask, void> {
  let { course } = task;
  for await (const logged of client.follow(task.name.session, { after: task.last, signal })) {
    course = toldIn([logged], task.scope).reduce(courseAfter, course);
    yield { ...task, course, last: logged.event.sequence };
  }
}

/** What a client of this scope is told of. */
export const toldIn = (logged: readonly LoggedEvent[], { asksClient }: TaskScope): readonly LoggedEvent[] =>
  asksClient ? logged : logged.filter((fact) => !isAboutQuestion(fact));

/** Whether nothing happens any more before the client does something. */
export const isTurnOver = ({ course: { state } }: OpenTask): boolean =>
  isTerminal(state) || state === "TASK_STATE_INPUT_REQUIRED";

const notFound = (id: string): A2aError =>
  new A2aError("TASK_NOT_FOUND", `There is no task ${JSON.stringify(id)}.`, "id");
