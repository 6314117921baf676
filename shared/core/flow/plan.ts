import type { ContractSpec, OnStale, RetrySpec } from "../contract.ts";
import type { Json, JsonObject } from "../json.ts";

/** When a parallel goes on. `best` waits for all that can still answer and takes the most confident one. */
export type Join =
  | { readonly type: "all" }
  | { readonly type: "any" }
  | { readonly type: "quorum"; readonly n: number }
  | { readonly type: "best"; readonly into: string };

/** Branches still running when a join is decided: stopped, or left to finish (their results still apply; the run ends after them). */
export type Losers = "cancel" | "finish";

/** One link of a fallback chain; it fills the slot of the agent that it replaces. */
export type Fallback<AgentRef> =
  | { readonly type: "agent"; readonly agent: AgentRef }
  /** A fixed value. */
  | { readonly type: "value"; readonly value: Json }
  /** What an earlier run left in the slot, when there is something. */
  | { readonly type: "last-known" }
  /** A person gives the value. */
  | { readonly type: "human"; readonly ask: string; readonly timeoutMs: number }
  /** Go on without a value; recorded. */
  | { readonly type: "skip" };

interface Bounded {
  /** The step fails when it takes longer. */
  readonly timeoutMs?: number;
}

/** A step of a plan. `AgentRef` is an agent's name in a definition, its contract's data once compiled. */
export type PlanNode<AgentRef = string> =
  | TaskNode<AgentRef>
  | SequenceNode<AgentRef>
  | ParallelNode<AgentRef>
  | ChoiceNode<AgentRef>
  | MapNode<AgentRef>
  | WaitNode
  | HumanNode
  | SubFlowNode<AgentRef>
  | TransformNode
  | EmitNode
  | ReplyNode;

export interface TaskNode<AgentRef> {
  readonly kind: "task";
  readonly agent: AgentRef;
  /** Overrides of the contract for this step. */
  readonly timeoutMs?: number;
  readonly retries?: RetrySpec;
  readonly onStale?: OnStale;
  readonly fallback: readonly Fallback<AgentRef>[];
  /** Undoes what the step did, when its run fails or is cancelled. */
  readonly compensate?: TaskNode<AgentRef>;
}

export interface SequenceNode<AgentRef> extends Bounded {
  readonly kind: "sequence";
  readonly steps: readonly PlanNode<AgentRef>[];
}

export interface ParallelNode<AgentRef> extends Bounded {
  readonly kind: "parallel";
  readonly branches: Readonly<Record<string, PlanNode<AgentRef>>>;
  /** Names of the branches in the order in which they were written, where their names are not in it. */
  readonly order?: readonly string[];
  readonly join: Join;
  readonly losers: Losers;
  /** At the step's timeout: fail, or go on with the branches that are done. */
  readonly onTimeout: "fail" | "partial";
}

export interface ChoiceNode<AgentRef> {
  readonly kind: "choice";
  readonly when: readonly { readonly if: string; readonly then: PlanNode<AgentRef> }[];
  readonly otherwise: PlanNode<AgentRef>;
}

export interface MapNode<AgentRef> extends Bounded {
  readonly kind: "map";
  /** CEL expression that gives the list. */
  readonly over: string;
  /** CEL expression over `item` that names it, so that it is the same item in another list. @default its index */
  readonly key?: string;
  readonly maxConcurrent: number;
  /** A longer list fails the step. */
  readonly maxItems: number;
  readonly each: PlanNode<AgentRef>;
}

export interface WaitNode {
  readonly kind: "wait";
  readonly event: string;
  /** CEL condition over the context and `event` (the data of the one that came). */
  readonly if?: string;
  /** Section that takes the event's data. */
  readonly into?: string;
  /** Of all waits that say so, only the first that an event satisfies takes it. */
  readonly take?: "first";
  readonly timeoutMs: number;
  readonly onTimeout: "fail" | "continue";
}

export interface HumanNode {
  readonly kind: "human";
  readonly ask: string;
  /** Section that takes what the person answers. */
  readonly into: string;
  readonly timeoutMs: number;
  readonly onTimeout: "fail" | "continue";
}

export interface SubFlowNode<AgentRef> extends Bounded {
  readonly kind: "flow";
  readonly flow: string;
  /** The named flow's plan; set by the compiler, so that a run keeps the version it started with. */
  readonly plan?: PlanNode<AgentRef>;
}

export interface TransformNode {
  readonly kind: "transform";
  /** Context path to CEL expression. */
  readonly set: Readonly<Record<string, string>>;
}

export interface EmitNode {
  readonly kind: "emit";
  readonly event: string;
  /** CEL expression that gives the data. */
  readonly data: string;
}

export interface ReplyNode {
  readonly kind: "reply";
  /** CEL expression that gives the body. */
  readonly body: string;
}

/** What happens when the flow's event comes while another run of the session is under way. */
export type OnBusy = "queue" | "parallel" | "restart" | "pre-empt" | "reject";

/** A flow as its author writes it: plain data. */
export interface FlowDefinition {
  readonly name: string;
  /** Event type that starts it. Without one it runs only inside other flows. */
  readonly on?: string;
  /** CEL condition over `event` (its data) and the context. */
  readonly if?: string;
  /** @default "queue" */
  readonly onBusy?: OnBusy;
  /** Other flows that the same event may start as well; each names the other. */
  readonly together?: readonly string[];
  /** The run fails when it takes longer. @default the longest life that the linter computes */
  readonly timeoutMs?: number;
  readonly plan: PlanNode;
}

/** A node with its agents' contracts in place of their names. */
export type CompiledNode = PlanNode<ContractSpec>;

/** A flow as it is stored with the sessions that run it: self-contained data. */
export interface CompiledFlow {
  readonly name: string;
  readonly on: string;
  readonly if?: string;
  readonly onBusy: OnBusy;
  /** The longest that a run can take, computed from its steps' bounds. */
  readonly lifeMs: number;
  /** Sections that its steps write: kept per run when `onBusy` is `parallel`. */
  readonly sections: readonly string[];
  /** Schemas of the events that its steps wait for, as JSON Schema, by type, where there are some. */
  readonly events?: Readonly<Record<string, JsonObject>>;
  readonly plan: CompiledNode;
}

/** A compiled flow with the hash of its canonical text. */
export interface HashedFlow {
  readonly hash: string;
  readonly flow: CompiledFlow;
}
