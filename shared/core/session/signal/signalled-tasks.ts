import { isWithin } from "../evolve/patch.ts";
import type { SessionState, TaskState } from "../state.ts";

/** The tasks that an address means: of an id, at or in a step, or of an agent; whatever they do now. */
export const addressedTasks = ({ tasks }: SessionState, to: string): readonly TaskState[] =>
  Object.values(tasks).filter(({ id, step, agent }) => id === to || agent === to || isWithin(step, to));

/** Whether an agent is at work on a task, or is about to be: where a person is asked in its place, nobody reads signals. */
export const takesSignals = ({ phase }: TaskState): boolean => phase.name !== "asked";
