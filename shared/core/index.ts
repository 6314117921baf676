/** The public door: describe agents and flows, handle errors. */
export {
  answered,
  defineAgent,
  type Agent,
  type AgentDefinition,
  type AgentTask,
  type Answered,
  type Contract,
  type Implementation,
} from "./contract.ts";
export { SpineError, isSpineError, type Problem, type SpineErrorCode } from "./errors.ts";
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
} from "./flow/build.ts";
export { defineApplication, type Application } from "./flow/compile.ts";
export { drawFlow } from "./flow/draw.ts";
export { formatFinding, lintFlows, type LintFinding } from "./flow/lint.ts";
export type { FlowDefinition, PlanNode } from "./flow/plan.ts";
export type { Json, JsonObject } from "./json.ts";
export type { SessionAdvanced } from "./session/messages.ts";
export type { SessionState } from "./session/state.ts";
export { foldAdvance, inOrder, type InOrder } from "./session/subscription.ts";
