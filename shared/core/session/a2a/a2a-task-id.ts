/** What a task of A2A is in a session: all that the event at a sequence starts. */
export interface A2aTaskName {
  readonly session: string;
  /** Sequence of the event that starts it. */
  readonly start: number;
}

/** No name of a session has it. */
const BETWEEN = "~";
const TASK_ID = /^([A-Za-z0-9][A-Za-z0-9._:@-]{0,127})~([1-9]\d{0,14})$/;

/** Names a task for good. */
export const a2aTaskId = ({ session, start }: A2aTaskName): string => `${session}${BETWEEN}${start}`;

/** What a task's id names; none for what can be no task's id. */
export function readA2aTaskId(id: string): A2aTaskName | undefined {
  const [, session, start] = TASK_ID.exec(id) ?? [];
  return session === undefined ? undefined : { session, start: Number(start) };
}
