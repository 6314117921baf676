import { OnDoubt, type ContractSpec, type OnStale, type RetrySpec } from "../contract.ts";
import { SpineError } from "../errors.ts";
import { CLAIM_GRACE_MS, DEADLINE_GRACE_MS, MAX_RERUNS, backoffMs } from "./bounds.ts";
import type { CompiledNode, ParallelNode, TaskNode } from "./plan.ts";
import { childrenOf } from "./visit-plan.ts";
import { leavesBranches } from "./writes.ts";

/** When the steps after a node can start at the latest, and when its last branch ends that was left to finish. */
interface Span {
  readonly done: number;
  readonly ended: number;
}

/** The longest time that a plan can take, in milliseconds: the bound that follows from its steps' bounds. */
export function longestLife(node: CompiledNode): number {
  return spanOf(node).ended;
}

function spanOf(node: CompiledNode): Span {
  switch (node.kind) {
    case "task":
      return whole(taskLife(node));
    case "sequence":
      return capped(inTurn(node.steps.map(spanOf)), node.timeoutMs);
    case "parallel":
      return parallelSpan(node);
    case "choice":
      return longest([...node.when.map((arm) => spanOf(arm.then)), spanOf(node.otherwise)]);
    case "map": {
      const each = spanOf(node.each);
      const before = (Math.ceil(node.maxItems / node.maxConcurrent) - 1) * each.done;
      return capped({ done: before + each.done, ended: before + each.ended }, node.timeoutMs);
    }
    case "wait":
    case "human":
      return whole(node.timeoutMs);
    case "flow":
      if (node.plan === undefined)
        throw new SpineError("flow.invalid", `Sub-flow "${node.flow}" is not compiled.`);
      return capped(spanOf(node.plan), node.timeoutMs);
    case "transform":
    case "emit":
    case "reply":
      return whole(0);
  }
}

const whole = (ms: number): Span => ({ done: ms, ended: ms });

const longest = (spans: readonly Span[]): Span => ({
  done: Math.max(0, ...spans.map((span) => span.done)),
  ended: Math.max(0, ...spans.map((span) => span.ended)),
});

function inTurn(spans: readonly Span[]): Span {
  let done = 0;
  let ended = 0;
  for (const span of spans) {
    ended = Math.max(ended, done + span.ended);
    done += span.done;
  }
  return { done, ended };
}

/** A timeout fails the step and stops what is inside; what was left to finish before outlives it only if the step was done. */
function capped(span: Span, timeoutMs = Infinity): Span {
  if (span.done <= timeoutMs) return span;
  return { done: timeoutMs, ended: span.ended > span.done ? span.ended : timeoutMs };
}

function parallelSpan(node: ParallelNode<ContractSpec>): Span {
  const branches = longest(Object.values(node.branches).map(spanOf));
  const span = capped(branches, node.timeoutMs);
  return leavesBranches(node) ? { done: span.done, ended: branches.ended } : span;
}

/**
 * The longest time that undoing can take, in milliseconds: until every claim is resolved, then every compensation, one after
 * another.
 */
export function compensationLife(plan: CompiledNode): number {
  let claims = 0;
  const undoing = (node: CompiledNode): number => {
    if (node.kind === "task") {
      if (node.compensate === undefined) return 0;
      claims = Math.max(claims, claimLife(node));
      return taskLife(node.compensate);
    }
    const inside = childrenOf(node).reduce((sum, [, child]) => sum + undoing(child), 0);
    return node.kind === "map" ? inside * node.maxItems : inside;
  };
  const life = undoing(plan);
  return claims + life;
}

function claimLife({ agent, fallback, timeoutMs }: TaskNode<ContractSpec>): number {
  const links = fallback.flatMap((link) => (link.type === "agent" ? [link.agent.timeoutMs] : []));
  return Math.max(timeoutMs ?? agent.timeoutMs, ...links) + CLAIM_GRACE_MS;
}

function taskLife(node: TaskNode<ContractSpec>): number {
  const own = attemptsLife(node.agent, node);
  return node.fallback.reduce((total, link) => {
    if (link.type === "agent") return total + attemptsLife(link.agent);
    return link.type === "human" ? total + link.timeoutMs : total;
  }, own);
}

interface Overrides {
  readonly timeoutMs?: number;
  readonly retries?: RetrySpec;
  readonly onStale?: OnStale;
}

function attemptsLife(contract: ContractSpec, overrides: Overrides = {}): number {
  const timeoutMs = overrides.timeoutMs ?? contract.timeoutMs;
  const retries = overrides.retries ?? contract.retries;
  const onStale = overrides.onStale ?? contract.onStale;
  const attempts = 1 + retries.max + (onStale === "rerun" ? MAX_RERUNS : 0);
  const life = attempts * (timeoutMs + DEADLINE_GRACE_MS) + pauses(retries);
  if (contract.effect === "none") return life;
  // An attempt may claim at its very end. In doubt, `fail` is the end of the task; by the other policies each attempt may come to
  // the same point.
  const doubts = contract.onDoubt === OnDoubt.fail ? 1 : attempts;
  return life + doubts * (timeoutMs + CLAIM_GRACE_MS + resolvingLife(contract.onDoubt, timeoutMs, retries));
}

/** How long it may take to find out whether one effect happened. */
function resolvingLife(onDoubt: OnDoubt, timeoutMs: number, retries: RetrySpec): number {
  if (typeof onDoubt === "object") return onDoubt.timeoutMs;
  if (onDoubt !== OnDoubt.ask) return 0;
  return (1 + retries.max) * (timeoutMs + DEADLINE_GRACE_MS) + pauses(retries);
}

/** The pauses before all retries together, at their longest. */
function pauses(retries: RetrySpec): number {
  let sum = 0;
  for (let retry = 1; retry <= retries.max; retry++) sum += backoffMs(retries, retry, 1);
  return sum;
}
