/** What a queue carries. */
export type Carried = "task" | "answer" | "input" | "deadline" | "commit" | "intake";

// Queues are named by convention, `{prefix}-{queue}[-dead][.fifo]`. An agent may be named like a queue: agents come first.
const QUEUES: readonly (readonly [pattern: RegExp, carried: Carried])[] = [
  [/(?:^|-)agent-/, "task"],
  [/(?:^|-)answers(?:-dead)?(?:\.fifo)?$/, "answer"],
  [/(?:^|-)inbox(?:-dead)?(?:\.fifo)?$/, "input"],
  [/(?:^|-)deadlines(?:-dead)?$/, "deadline"],
  [/(?:^|-)relay-retries(?:-dead)?$/, "commit"],
  [/(?:^|-)intake(?:-dead)?$/, "intake"],
];

/**
 * What the messages of a queue are, by its name and never by what they say: agents may send to the answers queue, and what
 * they send there is an answer and nothing else. `undefined` for a queue that is not the spine's.
 */
export const carriedBy = (queue: string): Carried | undefined =>
  QUEUES.find(([pattern]) => pattern.test(queue))?.[1];
