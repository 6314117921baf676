import type { AttemptRef } from "#core/ids.ts";
import type {
  AnswerMessage,
  AttemptProof,
  ClaimResult,
  LookResult,
  AnswerResult,
} from "#core/session/task-messages.ts";
import type { BreakerState } from "#core/session/seen.ts";

/** States of circuit breakers, cached. Only agents that are not closed are listed. */
export interface AgentHealth {
  breakerStates(): Promise<Readonly<Record<string, BreakerState>>>;
  /** Counts an outcome; losing one count is harmless. */
  report(agent: string, outcome: "ok" | "slow" | "failed" | "timed-out"): void;
}

/**
 * When agents that work on something were last heard of. Outside the log: what of it matters is recorded in `seen`.
 *
 * Rules for an implementation:
 * - a read that begins after a beat was taken shows it, or a later one;
 * - beats of one attempt replace one another, and are gone some time after the last: nobody has to remove them.
 */
export interface Heartbeats {
  /** Notes that an attempt's agent was heard of at `at`, ms. Losing one is harmless: several in a row make a silence. */
  beat(attempt: AttemptRef, at: number): Promise<void>;
  /** When the agents of these attempts were last heard of, in their order. */
  last(attempts: readonly AttemptRef[]): Promise<readonly (number | undefined)[]>;
}

/** What an agent may ask of the coordinator. Every call proves its attempt with the task's token. */
export interface CoordinatorDoor {
  /** May this attempt still run? Changes nothing. */
  look(proof: AttemptProof): Promise<LookResult>;
  /** Says that the agent is at work on this attempt, and asks whether its answer still counts. Nothing is committed. */
  beat(proof: AttemptProof): Promise<LookResult>;
  /** Commits that an effect is about to happen. The same execution may ask again; another one is refused. */
  claim(proof: AttemptProof, execution: string): Promise<ClaimResult>;
  answer(answer: AnswerMessage): Promise<AnswerResult>;
}

/** The door on the coordinator's side: it reads whatever agents send, field by field. Throws `answer.malformed`, naming each. */
export interface ServedDoor extends CoordinatorDoor {
  look(proof: unknown): Promise<LookResult>;
  beat(proof: unknown): Promise<LookResult>;
  claim(proof: unknown, execution: string): Promise<ClaimResult>;
  answer(answer: unknown): Promise<AnswerResult>;
}
