import type { BreakerChange } from "#core/breaker.ts";
import type { AttemptRef } from "#core/ids.ts";
import type {
  AnswerMessage,
  AttemptProof,
  ClaimResult,
  LookResult,
  AnswerResult,
  SignalsResult,
} from "#core/session/task-messages.ts";
import type { BreakerState } from "#core/session/seen.ts";

/** States of circuit breakers, cached. Only agents that are not closed are listed. */
export interface AgentHealth {
  /** Of the names that begin so: a probe is granted to who asks for its name, and to nobody else. @default of all */
  breakerStates(beginning?: string): Promise<Readonly<Record<string, BreakerState>>>;
  /** Counts an outcome; losing one count is harmless. */
  report(agent: string, outcome: "ok" | "slow" | "failed" | "timed-out"): void;
}

/** An agent's calls of the last minutes. */
export interface AgentRecord {
  /** Answers that came, good or late. Few of the newest may be missing. */
  readonly answers: number;
  /** Calls that failed or timed out. */
  readonly failures: number;
  /** Its circuit breaker; half-open lets single calls through. */
  readonly breaker: "closed" | "open" | "half-open";
  /** When its circuit breaker opened and closed, the newest first: the last 10 changes of the last 30 days. */
  readonly changes: readonly BreakerChange[];
}

/**
 * What was counted of agents, for people to look at: decisions have `AgentHealth`. Broken infrastructure is an error of the
 * implementation's own.
 */
export interface AgentRecords {
  /** Of these agents, in their order. */
  lately(agents: readonly string[]): Promise<readonly AgentRecord[]>;
}

/**
 * The last heartbeats of agents. Outside the log: decisions record the relevant ones in `seen`. Rules for an implementation:
 * - a read that starts after a heartbeat was accepted returns it, or a later one;
 * - heartbeats of one attempt replace one another, and expire some time after the last: nothing has to remove them.
 */
export interface Heartbeats {
  /**
   * Records a heartbeat of an attempt's agent at `at`, ms. Losing one is harmless: only several missing in a row count as
   * silence.
   */
  beat(attempt: AttemptRef, at: number): Promise<void>;
  /** The last heartbeats of the agents of these attempts, in their order. */
  last(attempts: readonly AttemptRef[]): Promise<readonly (number | undefined)[]>;
}

/** An agent's requests to the coordinator. Every call proves its attempt with the task's token. */
export interface CoordinatorDoor {
  /** May this attempt still run? Changes nothing. */
  look(proof: AttemptProof): Promise<LookResult>;
  /** Reports that the agent is working on this attempt, and asks whether its answer still counts. Commits nothing. */
  beat(proof: AttemptProof): Promise<LookResult>;
  /** Commits that an effect is about to happen. The same execution may ask again; any other is rejected. */
  claim(proof: AttemptProof, execution: string): Promise<ClaimResult>;
  answer(answer: AnswerMessage): Promise<AnswerResult>;
  /** What somebody told the agent of this attempt's task, after the signal of a number. Changes nothing. */
  signals(proof: AttemptProof, after: number): Promise<SignalsResult>;
}

/**
 * The door on the coordinator's side: it validates agents' requests field by field. Throws `answer.malformed`, naming each
 * invalid field.
 */
export interface ServedDoor extends CoordinatorDoor {
  look(proof: unknown): Promise<LookResult>;
  beat(proof: unknown): Promise<LookResult>;
  claim(proof: unknown, execution: unknown): Promise<ClaimResult>;
  answer(answer: unknown): Promise<AnswerResult>;
  signals(proof: unknown, after: unknown): Promise<SignalsResult>;
}
