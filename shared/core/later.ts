import type { AgentTask } from "./agent-task.ts";
import type { Agent, Contract, DoubtResolver, MaybeAnswered } from "./contract.ts";

/** How long the function of an agent that answers later may run, ms, where its contract does not say it. */
const DEFAULT_FUNCTION_MS = 60_000;

export const functionTimeOf = (later: LaterOption, timeoutMs: number): number =>
  later === true ? Math.min(DEFAULT_FUNCTION_MS, timeoutMs) : later.functionMs;

/** How long the agent's function has to answer or to pass its task on, ms. @default true: 60,000 */
export type LaterOption = true | { readonly functionMs: number };

/**
 * All that whoever works on a task that was passed on needs to answer it: plain JSON. The token proves the attempt: keep it as a password, and out
 * of logs.
 */
export interface TaskCallback {
  readonly tenant: string;
  readonly session: string;
  readonly task: string;
  readonly attempt: number;
  readonly token: string;
  /** The door's function: its ARN, or its name where the host does not know more. */
  readonly door: string;
  /** Where the answer can be posted without a signature. Absent: the deployment has no such endpoint, or the agent does not know it. */
  readonly url?: string;
  /** Milliseconds since the epoch after which the answer is late. */
  readonly deadline: number;
  /** Call the door so often while you work, ms: three missed heartbeats fail the attempt. Absent: never. */
  readonly heartbeatMs?: number;
}

/** What an implementation returns that passed its task on; made by `task.later`. */
export interface Later {
  readonly [LATER]: true;
}

const LATER = Symbol.for("event-spine.later");

export const answersLater: Later = { [LATER]: true };

export const isLater = (value: unknown): value is Later =>
  typeof value === "object" && value !== null && LATER in value;

/** The argument of an implementation whose contract has `later`. */
export interface LaterTask<View> extends AgentTask<View> {
  /**
   * Passes the task on: `start` begins the work elsewhere and gives it the callback; return what `later` returns, and the host lets go of the
   * task. The answer comes by `answerTask` before the deadline, in this process or another. A function that dies meanwhile runs again with the
   * same task, so begin the work under `idempotencyKey`. What `start` throws fails the attempt.
   *
   * @example
   * renderer.implement(({ later, idempotencyKey }) =>
   *   later((callback) => startJob({ id: idempotencyKey, callback })),
   * );
   */
  readonly later: (start: (callback: TaskCallback) => unknown) => Promise<Later>;
}

export type LaterImplementation<View, Result> = (
  task: LaterTask<View>,
) => Promise<MaybeAnswered<Result> | Later> | MaybeAnswered<Result> | Later;

/** A contract whose agent may answer after its function has ended. */
export interface LaterContract<View = unknown, Result = unknown> extends Contract<View, Result> {
  implement(run: LaterImplementation<View, Result>, resolve?: DoubtResolver<View, Result>): Agent;
}

/** A contract with `later` lets its implementation pass a task on; without it that does not compile. */
export type ContractFor<View, Result, Option extends LaterOption | undefined> = Option extends undefined
  ? Contract<View, Result>
  : LaterContract<View, Result>;
