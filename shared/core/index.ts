/** The public door: describe agents and flows, handle errors. */
export type { AgentTask, Progress, ReceivedSignal, TaskSignals } from "./agent-task.ts";
export {
  answered,
  defineAgent,
  type Agent,
  type AgentDefinition,
  type Answered,
  type BudgetLeft,
  type Contract,
  type ContractSpec,
  type Effect,
  type Implementation,
  type MaybeAnswered,
  type OnDoubt,
  type OnStale,
  type PersonResolves,
  type ReportedUsage,
  type RetrySpec,
  type ResolvedDoubt,
  type DoubtResolver,
  type UntypedView,
  type Usage,
} from "./contract.ts";
export type {
  ContractFor,
  Later,
  LaterContract,
  LaterImplementation,
  LaterOption,
  LaterTask,
  TaskCallback,
} from "./later.ts";
export type { NothingPersonal, PersonalPromise } from "./personal-promise.ts";
export type { SignalSchemas } from "./signal-schemas.ts";
export {
  SpineError,
  isSpineError,
  type Problem,
  type SpineErrorCode,
  type SpineErrorOptions,
} from "./errors.ts";
export {
  choice,
  defineFlow,
  emit,
  fallback,
  human,
  map,
  parallel,
  reply,
  sequence,
  step,
  subFlow,
  transform,
  waitFor,
  type AgentReference,
  type ChoiceOptions,
  type FlowOptions,
  type HumanOptions,
  type MapOptions,
  type ParallelOptions,
  type StepBounds,
  type StepOptions,
  type TypedFlow,
  type WaitOptions,
} from "./flow/build.ts";
export type {
  AskedIn,
  AskedOf,
  Fallbacks,
  FlowReply,
  ReplyOf,
  SequenceReply,
  TakenBy,
  TaskReply,
  Typed,
} from "./flow/typed-plan.ts";
export {
  defineApplication,
  type Application,
  type ApplicationDefinition,
  type CheckedApplication,
  type TextDigest,
} from "./flow/compile.ts";
export { drawFlow } from "./flow/draw.ts";
export { formatFinding, lintFlows, type LintFinding, type LintOptions } from "./flow/lint.ts";
export type { LintRule } from "./flow/lint/finding.ts";
export type { Schemas } from "./flow/lint/fields.ts";
export type { Shape, ShapeOf } from "./flow/shape.ts";
export type {
  ChoiceNode,
  CompiledFlow,
  CompiledNode,
  EmitNode,
  Fallback,
  FlowDefinition,
  HashedFlow,
  HumanNode,
  Join,
  Losers,
  MapNode,
  OnBusy,
  ParallelNode,
  PlanNode,
  ReplyNode,
  SequenceNode,
  SubFlowNode,
  TaskNode,
  TransformNode,
  WaitNode,
} from "./flow/plan.ts";
export type { AgentName, RunId, SessionId, SessionKey, TaskId, TenantId } from "./ids.ts";
export type { Json, JsonObject } from "./json.ts";
export type { SessionAdvanced } from "./session/task-messages.ts";
export type { SessionState } from "./session/state.ts";
export { foldAdvance, inOrder, type InOrder } from "./session/subscription.ts";
export {
  defineScorer,
  type Score,
  type ScoredCase,
  type ScoredReply,
  type Scorer,
} from "./scoring/scorer.ts";
export type { KeptScore } from "./scoring/kept-score.ts";
export { scoreReplies, type ReplyScore } from "./scoring/score-replies.ts";
export { summarizeScores, type ScoreSummary } from "./scoring/score-summary.ts";
