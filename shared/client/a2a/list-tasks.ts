import { readIsoTime } from "#core/session/iso-time.ts";
import { toA2aTask, type TaskAround } from "#core/session/a2a/a2a-task.ts";
import type { A2aTask } from "#core/session/a2a/a2a-words.ts";
import { coursesIn, type TaskCourse } from "#core/session/a2a/task-course.ts";
import { ApiError } from "../api-error.ts";
import type { SpineClient } from "../client.ts";
import { A2aError } from "./a2a-error.ts";
import type { ListRequest } from "./a2a-requests.ts";
import { toldIn, type TaskScope } from "./open-task.ts";

export interface TaskPage {
  readonly tasks: readonly A2aTask[];
  readonly nextPageToken: string;
  readonly pageSize: number;
  readonly totalSize: number;
}

interface Listing extends Pick<TaskAround, "schemaOf"> {
  readonly scope: TaskScope;
}

const UNKNOWN: ReadonlySet<number> = new Set([404, 410]);
const TOKEN = /^(\d{1,15})\.(\d{1,15})$/;

/** The tasks of one context, those first whose status is the newest. Throws `A2aError`. */
export async function listTasks(
  client: SpineClient,
  { contextId, status, pageSize, pageToken, historyLength, after, withArtifacts }: ListRequest,
  { scope, schemaOf }: Listing,
): Promise<TaskPage> {
  if (contextId === undefined)
    throw new A2aError(
      "UNSUPPORTED_OPERATION",
      "Tasks are listed within a context: give its contextId.",
      "contextId",
    );
  const since = after === undefined ? 0 : readIsoTime(after);
  if (since === undefined)
    throw new A2aError("INVALID_PARAMS", "statusTimestampAfter: is no time.", "statusTimestampAfter");
  const from = pageToken === undefined ? undefined : positionIn(pageToken);
  const logged = await client.eventsAfter(contextId, 0).catch((error: unknown) => {
    if (error instanceof ApiError && UNKNOWN.has(error.status)) return [];
    throw error;
  });
  const fitting = coursesIn(toldIn(logged, scope))
    .filter(({ input }) => scope.types.has(input.type))
    .filter((course) => status === undefined || course.state === status)
    .filter(({ changed }) => changed.at >= since)
    .toSorted((a, b) => compare(positionOf(a), positionOf(b)));
  const left = fitting.filter((course) => from === undefined || compare(from, positionOf(course)) < 0);
  const page = left.slice(0, pageSize);
  const last = page.at(-1);
  const around = { session: contextId, schemaOf };
  return {
    tasks: page.map((course) => toA2aTask(course, around, { historyLength, withArtifacts })),
    nextPageToken: last === undefined || page.length === left.length ? "" : positionOf(last).join("."),
    pageSize,
    totalSize: fitting.length,
  };
}

/** Where a task stands in the list: by the event that changed it last. */
type Position = readonly [changed: number, start: number];

const positionOf = ({ changed, start }: TaskCourse): Position => [changed.sequence, start];

/** What changed later comes first. */
const compare = (a: Position, b: Position): number => b[0] - a[0] || b[1] - a[1];

function positionIn(token: string): Position {
  const [, changed, start] = TOKEN.exec(token) ?? [];
  if (changed === undefined) throw new A2aError("INVALID_PARAMS", "pageToken: is no page's.", "pageToken");
  return [Number(changed), Number(start)];
}
