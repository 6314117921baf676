import type { AttributedCount } from "./session-use.ts";

/** Requests to AWS that an attempt caused: its dispatch, its way to the agent, its claim, its answer, and the commit of that. */
export interface AttemptRequests {
  readonly task: string;
  readonly attempt: number;
  readonly requests: number;
}

/** Requests to AWS that a session took, by its log. */
export interface SessionRequests {
  readonly total: number;
  readonly attempts: readonly AttemptRequests[];
  /** Those that no attempt alone caused: of producers, people, deadlines and letters, and of the commits that these led to. */
  readonly others: number;
}

/** Adds up a session's requests by attempt, in the order in which attempts were first met. */
export function requestsByAttempt(counts: readonly AttributedCount[]): SessionRequests {
  const found = new Map<string, number>();
  let [total, others] = [0, 0];
  for (const { attempt, count } of counts) {
    total += count;
    if (attempt === undefined) others += count;
    else found.set(attempt, (found.get(attempt) ?? 0) + count);
  }
  const attempts = [...found].map(([name, requests]): AttemptRequests => {
    const at = name.lastIndexOf("/");
    return { task: name.slice(0, at), attempt: Number(name.slice(at + 1)), requests };
  });
  return { total, attempts, others };
}
