import type { Json, JsonObject } from "../../json.ts";

/** The version of the protocol that is spoken. */
export const A2A_VERSION = "1.0";

/** The states of a task that A2A 1.0 knows and a session can be in. */
export type A2aTaskState =
  | "TASK_STATE_SUBMITTED"
  | "TASK_STATE_WORKING"
  | "TASK_STATE_INPUT_REQUIRED"
  | "TASK_STATE_COMPLETED"
  | "TASK_STATE_FAILED"
  | "TASK_STATE_CANCELED"
  | "TASK_STATE_REJECTED";

const TERMINAL: ReadonlySet<A2aTaskState> = new Set<A2aTaskState>([
  "TASK_STATE_COMPLETED",
  "TASK_STATE_FAILED",
  "TASK_STATE_CANCELED",
  "TASK_STATE_REJECTED",
]);

/** Whether a task in this state never changes again. */
export const isTerminal = (state: A2aTaskState): boolean => TERMINAL.has(state);

/** A part of a message or an artifact that the spine writes. */
export type A2aPart =
  | { readonly text: string; readonly mediaType: "text/plain" }
  | { readonly data: Json; readonly mediaType: "application/json" };

export const textPart = (text: string): A2aPart => ({ text, mediaType: "text/plain" });
export const dataPart = (data: Json): A2aPart => ({ data, mediaType: "application/json" });

export interface A2aMessage {
  readonly messageId: string;
  readonly contextId: string;
  readonly taskId: string;
  readonly role: "ROLE_USER" | "ROLE_AGENT";
  readonly parts: readonly A2aPart[];
}

export interface A2aArtifact {
  readonly artifactId: string;
  readonly name: string;
  readonly parts: readonly A2aPart[];
}

export interface A2aTaskStatus {
  readonly state: A2aTaskState;
  readonly message?: A2aMessage;
  /** ISO 8601, UTC. */
  readonly timestamp: string;
}

export interface A2aTask {
  readonly id: string;
  readonly contextId: string;
  readonly status: A2aTaskStatus;
  readonly artifacts?: readonly A2aArtifact[];
  readonly history?: readonly A2aMessage[];
  readonly metadata: JsonObject;
}

/** What a stream tells: one of the three. */
export type A2aStreamResponse =
  | { readonly task: A2aTask }
  | {
      readonly statusUpdate: {
        readonly taskId: string;
        readonly contextId: string;
        readonly status: A2aTaskStatus;
      };
    }
  | {
      readonly artifactUpdate: {
        readonly taskId: string;
        readonly contextId: string;
        readonly artifact: A2aArtifact;
        readonly lastChunk: true;
      };
    };
