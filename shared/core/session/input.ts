import type { Usage } from "../contract.ts";
import type { RunId, SessionId, TaskId } from "../ids.ts";
import type { Json, JsonObject } from "../json.ts";
import type { DoubtfulEffect, RecordedOutcome } from "./fork/recorded-outcome.ts";
import type { SessionState } from "./state.ts";

export type Lane = "normal" | "express";

/** What identifies an input that someone outside the spine sent: the same id with another hash is a conflict. */
interface Identified {
  readonly source: string;
  readonly id: string;
  /** Hash of its canonical body. */
  readonly hash: string;
  readonly correlation: string;
  readonly traceparent?: string;
}

/** An event from a producer. */
export interface EventInput extends Identified {
  readonly kind: "event";
  readonly type: string;
  readonly data: Json;
  /** The producer's own number in this session, from 1. */
  readonly ordinal?: number;
  readonly lane?: Lane;
  /** Facts about the session to set: who, channel, locale. */
  readonly session?: JsonObject;
  /** Limits to set. */
  readonly constraints?: JsonObject;
  /** Whoever sent it wants to see what agents say while they work on its runs. */
  readonly live?: true;
}

/** Who of those that share a source: the name of a role's session, which may be a person's. */
interface Named {
  readonly by?: string;
}

/** A person's answer to a question that a flow asked. */
export interface HumanInput extends Identified, Named {
  readonly kind: "human";
  readonly ask: string;
  readonly value: Json;
}

export type Command =
  | { readonly type: "stop"; readonly reason: string; readonly compensate?: boolean }
  /** Compensated unless `compensate` is false. */
  | {
      readonly type: "cancel";
      readonly run: RunId;
      readonly reason: string;
      readonly compensate?: boolean;
    }
  /** Try a task again whose attempt ended in a dead letter. */
  | { readonly type: "redrive"; readonly task: TaskId; readonly attempt: number; readonly letter: string }
  /** Another session begins with this one's state as of an event. Only noted here: nothing else changes. */
  | { readonly type: "fork"; readonly session: SessionId; readonly at: number };

/** An operator's command. */
export interface CommandInput extends Identified, Named {
  readonly kind: "command";
  readonly command: Command;
}

/** A message that a queue gave up on. */
export interface LetterInput extends Identified {
  readonly kind: "letter";
  readonly queue: string;
  /** The attempt that the message carried, where it was one. */
  readonly attempt?: { readonly task: TaskId; readonly attempt: number };
  readonly reason: string;
}

/** Where a forked session comes from. */
export interface ForkOrigin {
  readonly session: SessionId;
  /** The event as of which its state was taken. */
  readonly at: number;
  /** Hash of the commit that holds it. */
  readonly hash: string;
}

/** What begins a session with the state of another one. */
export interface ForkInput extends Identified, Named {
  readonly kind: "fork";
  readonly origin: ForkOrigin;
  /** As of the event, with what is to be another. */
  readonly state: SessionState;
  /** Names of what is another: paths, or a flow. */
  readonly changed: readonly string[];
  readonly recorded: readonly RecordedOutcome[];
  readonly doubtful: readonly DoubtfulEffect[];
  readonly repeatEffects?: true;
}

/** What somebody outside tells agents at work. */
export interface SignalInput extends Identified, Named {
  readonly kind: "signal";
  /** A task's id, a step (and all within it), or an agent: their tasks under way are meant. */
  readonly to: string;
  readonly name: string;
  readonly data: Json;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
}

export type AgentOutcome =
  | { readonly status: "ok"; readonly result: Json; readonly confidence?: number; readonly usage?: Usage }
  | {
      readonly status: "failed";
      readonly error: Failure;
      readonly retryable: boolean;
      /** Only for a claimed effect, or one in doubt that was asked about: the agent knows that it did not happen. */
      readonly effect?: "not-done";
      readonly usage?: Usage;
    };

/** What an agent answered; recognised by task and attempt. */
export interface AnswerInput {
  readonly kind: "answer";
  readonly task: TaskId;
  readonly attempt: number;
  readonly outcome: AgentOutcome;
  /** Its host can take another task of its group that ends within so many ms. Absent: none. */
  readonly nextWithinMs?: number;
  /** When the spine accepted it, ms: at the door, or into the answers queue. No agent says so. @default now */
  readonly acceptedAt?: number;
}

/** An execution of an attempt is about to act on the outside world. */
export interface ClaimInput {
  readonly kind: "claim";
  readonly task: TaskId;
  readonly attempt: number;
  readonly execution: string;
}

/** A timer fired that was armed for `at`. */
export interface DeadlineInput {
  readonly kind: "deadline";
  readonly at: number;
}

export type IdentifiedInput = EventInput | HumanInput | CommandInput | LetterInput | ForkInput | SignalInput;
export type Input = IdentifiedInput | AnswerInput | ClaimInput | DeadlineInput;

export function isIdentified(input: Input): input is IdentifiedInput {
  return input.kind !== "answer" && input.kind !== "claim" && input.kind !== "deadline";
}
