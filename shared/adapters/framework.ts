import type { AgentTask } from "#core/agent-task.ts";
import type { ReportedUsage, UntypedView } from "#core/contract.ts";
import type { Json } from "#core/json.ts";

/**
 * One agent of a framework, as the spine drives it: the interface that every adapter implements, and the one to implement for a framework
 * that has none here. `adaptAgent` does the rest: input from the view, output to the contract's, abort, live output, and the way to a
 * person and back.
 *
 * Rules: `run` starts nothing that outlives it; it passes `turn.signal` to every call that takes one; its usage is of this turn alone,
 * all model calls added up, and not of what a checkpoint brought along; it remembers nothing between two turns but what the checkpoint
 * says, because the next turn runs in another process.
 */
export interface Framework<Prompt = string> {
  /** Runs the agent from the beginning, or goes on from a checkpoint with a person's answer, until it ends or asks. */
  run(turn: Turn<Prompt>): Promise<Ended>;
}

export interface Turn<Prompt = string> {
  /** What the agent is asked; the same in each turn of a task's step. */
  readonly prompt: Prompt;
  /** Where it goes on, and what the person answered. Absent in the first turn. */
  readonly resumed?: Resumed;
  readonly signal: AbortSignal;
  /** Shows a piece of text to whoever watches the session. */
  readonly say: (text: string) => void;
  readonly task: AgentTask<UntypedView>;
}

export interface Resumed {
  readonly checkpoint: Json;
  readonly answer: Json;
}

/** How a turn ended: with the agent's output, or with a question to a person. Anything thrown is a failed attempt. */
export type Ended = Finished | Asking;

export interface Finished {
  readonly output: unknown;
  readonly usage?: ReportedUsage;
}

export interface Asking {
  /** What the person must know, such as the tool and its input. */
  readonly question: Json;
  /** All it takes to go on in another process, at most `MAX_CHECKPOINT_BYTES` as JSON. */
  readonly checkpoint: Json;
  readonly usage?: ReportedUsage;
}
