import type { BudgetLeft, UntypedView } from "./contract.ts";
import type { Json } from "./json.ts";

/** The argument of an implementation. */
export interface AgentTask<View> {
  /** Everything the contract reads, as of one sequence. */
  readonly context: View;
  readonly tenant: string;
  readonly session: string;
  readonly task: string;
  readonly attempt: number;
  /** The same for every attempt of this task: pass it to the target of an effect. */
  readonly idempotencyKey: string;
  /** Milliseconds since the epoch after which the answer is late. */
  readonly deadline: number;
  readonly budget: BudgetLeft;
  /** Aborted at the deadline; with `heartbeatMs` also soon after the answer no longer counts. */
  readonly signal: AbortSignal;
  /**
   * Shows whoever watches the session what the agent does (docs/http.md#live-output): a text is added to the text so far. Nothing is decided by
   * it and nothing is logged; where nobody asked for it, it does nothing. At most 4,000 characters a task, two calls a second: what comes
   * faster goes together. It never throws.
   *
   * @example
   * writer.implement(({ progress }) => {
   *   progress("Dear ");
   *   progress("Ada");
   *   return { text: "Dear Ada" };
   * });
   */
  readonly progress: (said: Progress) => void;
  /**
   * What somebody told the agent while it works (docs/signals.md), if its contract declares `signals`. It never fails for a door that cannot be
   * reached; without `signals` in the contract it throws `contract.invalid`.
   *
   * @example
   * writer.implement(async ({ signals }) => {
   *   for (const { name, data } of await signals()) console.log(name, data);
   *   return { text: "Dear Ada" };
   * });
   */
  readonly signals: TaskSignals;
}

/**
 * The signals of a task in their order, from its first attempt on: called, those that came since it was asked last; iterated, each as it
 * comes, until the attempt is over. Both take from the same sequence: what one has given, the other gives no more.
 */
export interface TaskSignals extends AsyncIterable<ReceivedSignal> {
  (): Promise<readonly ReceivedSignal[]>;
}

/** What an agent is told. */
export interface ReceivedSignal {
  /** Of the task's signals, from 1: the same again for its next attempt. */
  readonly number: number;
  readonly name: string;
  /** It fits the schema that the contract has under the name. */
  readonly data: UntypedView;
}

/** What an agent says while it works: a piece of its text, or with it the result as far as it is known, or other data to show. */
export type Progress = string | { readonly text?: string; readonly partial?: Json; readonly data?: Json };

declare global {
  /**
   * The platform's type, whose declaration adds its members: an agent passes it to `fetch`, or to a model's client. The core
   * has no platform.
   */
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- merges with the platform's
  interface AbortSignal {}
}
