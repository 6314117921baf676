/**
 * What a principal may do with the sessions of its tenant: `send` events, `read` logs, states and questions, `answer` questions as a
 * person, and `command`: stop sessions and cancel runs.
 */
export const RIGHTS = ["send", "read", "answer", "command"] as const;
export type Right = (typeof RIGHTS)[number];

/** Of whom nothing else is said. */
export const DEFAULT_RIGHTS: readonly Right[] = ["send"];

/** Stands for every principal that has no entry of its own. */
export const EVERYBODY = "*";

export const isRight = (value: unknown): value is Right => RIGHTS.some((right) => right === value);
