/**
 * How many batches of each of the core's queues are processed concurrently: a flood of one kind leaves capacity for the others.
 */
export interface CoreConcurrency {
  /** Inputs of the inbox. @default 50 */
  readonly inputs?: number;
  /** Answers of agents that did not reach the door. @default 50 */
  readonly answers?: number;
  /** Events of spine-in. @default 10 */
  readonly intake?: number;
  /** Due deadlines. @default 10 */
  readonly deadlines?: number;
  /** Commits in the relay's retry queue. @default 2 */
  readonly retries?: number;
}

const DEFAULTS: Required<CoreConcurrency> = {
  inputs: 50,
  answers: 50,
  intake: 10,
  deadlines: 10,
  retries: 2,
};

/** Of each queue of dead letters, agents' ones too: letters are few, and can wait. */
export const LETTERS_CONCURRENCY = 2;
/** What Lambda takes as a mapping's maximum. */
const LEAST = 2;
const MOST = 1_000;

/** The bounds as they are deployed. Throws where Lambda would refuse one. */
export function coreConcurrency(given: CoreConcurrency = {}): Required<CoreConcurrency> {
  const bounds = { ...DEFAULTS, ...given };
  for (const [queue, bound] of Object.entries(bounds)) {
    if (!Number.isInteger(bound) || bound < LEAST || bound > MOST)
      throw new Error(`concurrency.${queue} is ${bound}. Give a whole number from ${LEAST} to ${MOST}.`);
  }
  return bounds;
}
