import type { AgentName, RunId, TaskId } from "../../ids.ts";
import type { Json } from "../../json.ts";
import type { PatchOperation } from "../../json-patch.ts";
import type { Failure } from "../input.ts";
import type { LiveRecord } from "../live/live-record.ts";
import type { SessionState } from "../state.ts";
import type { OpenQuestion } from "./open-questions.ts";
import type { ShownStep, StepEnding } from "./shown-steps.ts";

/**
 * What a stream is about while it is open: the run that the session began first of those under way. An event that is answered without a
 * run has one of its own, named `reply-SEQUENCE`.
 */
export interface Shown {
  readonly id: string;
  /** The name of its flow. */
  readonly flow?: string;
}

/** How what a stream was about ended, or why it pauses. */
export type Ending =
  | { readonly how: "completed" }
  | { readonly how: "cancelled" }
  | { readonly how: "failed"; readonly error: Failure }
  /** Nothing goes on before a person answers one of these. */
  | { readonly how: "asked"; readonly questions: readonly OpenQuestion[] }
  /** It goes on after the run that the next stream is about. */
  | { readonly how: "goes-on" };

/** What an attempt's agent has said so far. */
export interface Said {
  readonly task: string;
  readonly attempt: number;
  readonly agent: string;
  readonly text: string;
}

/** One thing that streams tell in words of other protocols. All that is no `live` is told by the log alone. */
export type Told =
  /** Its reader may have seen a part of it. */
  | { readonly type: "opened"; readonly shown: Shown; readonly state: SessionState }
  | { readonly type: "step-opened"; readonly at: ShownStep; readonly again?: true }
  | { readonly type: "step-ended"; readonly at: ShownStep; readonly ending: StepEnding }
  | { readonly type: "context-changed"; readonly patch: readonly PatchOperation[] }
  | { readonly type: "question-opened"; readonly question: OpenQuestion }
  | { readonly type: "question-closed"; readonly ask: string }
  /** The whole text of a task's outcome, in a run whose agents are heard. `said`: what was told of it while it was under way. */
  | {
      readonly type: "text-finished";
      readonly task: TaskId;
      readonly attempt: number;
      readonly agent: AgentName;
      readonly text: string;
      readonly said?: string;
    }
  /** `text` is absent where the reply has none, or where its task's outcome has told it. */
  | {
      readonly type: "replied";
      readonly sequence: number;
      readonly to: number;
      readonly body: Json;
      readonly text?: string;
      readonly failed?: true;
    }
  /** Another run than the one that the stream is about. */
  | { readonly type: "run-began"; readonly run: RunId }
  | { readonly type: "run-ended"; readonly run: RunId; readonly how: Ending["how"] }
  | {
      readonly type: "closed";
      readonly shown: Shown;
      readonly state: SessionState;
      readonly ending: Ending;
    }
  /** Live: what an agent said beyond what it had said before. */
  | { readonly type: "text-said"; readonly said: Said; readonly delta: string; readonly begins: boolean }
  /** Live: what an attempt said counts no more. */
  | { readonly type: "text-dropped"; readonly said: Said }
  | { readonly type: "progressed"; readonly record: LiveRecord };
