/**
 * What a principal may do with the sessions of its tenant: `send` events, `read` logs, states and questions, `answer` questions as a
 * person, `command`: stop sessions and cancel runs, and `operate`: see to its dead letters, relay its commits again and erase what is
 * over, by functions of their own.
 */
export const RIGHTS = ["send", "read", "answer", "command", "operate"] as const;
export type Right = (typeof RIGHTS)[number];

/** Of whom nothing else is said. */
export const DEFAULT_RIGHTS: readonly Right[] = ["send"];

/** Stands for every principal that has no entry of its own. */
export const EVERYBODY = "*";

export const isRight = (value: unknown): value is Right => RIGHTS.some((right) => right === value);
