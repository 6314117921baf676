import type { Json } from "../../json.ts";

/** What somebody tells the agent of a task that is under way. */
export interface TaskSignal {
  /** Of the signals of its task, from 1 without a gap: whoever reads them asks for those after the last one that it has. */
  readonly number: number;
  /** One of the names that the agent's contract declares. */
  readonly name: string;
  readonly data: Json;
}

/** The form of commits from which on tasks are signalled. */
export const SIGNAL_FORM = 4;

/** What a deployment says to a signal that may not write them yet. */
export const NO_SIGNALS = `Signals need commits of form ${SIGNAL_FORM}: deploy with commitForm ${SIGNAL_FORM}.`;

/** Why a signal is ignored, as its sender is told; the log may say more. */
export const NOBODY = "no task is under way there";

/** A signal's data, as JSON. */
export const MAX_SIGNAL_BYTES = 4_096;
/** Signals of one task. */
export const MAX_TASK_SIGNALS = 100;
/** Data of all signals of the tasks that a session has under way: a state holds them until their tasks end. */
export const MAX_SESSION_SIGNAL_BYTES = 64_000;
/** Names that a contract declares. */
export const MAX_SIGNAL_NAMES = 20;
