import { END, START, type FlowGraph, type GraphEdge } from "./flow-graph.ts";
import type { OutlineEvent } from "./event-outline.ts";
import { tasksFrom, type ForkedStep } from "./forked.ts";

export type StepLight = "untouched" | "open" | "done" | "failed" | "cancelled";

/** What happened at a step by a moment. */
export interface LitStep {
  readonly light: StepLight;
  /** The last event there. */
  readonly sequence: number;
  /** How often an agent was called there. */
  readonly attempts: number;
  /** How many items of a map came here. */
  readonly items: number;
}

export interface LitGraph {
  readonly steps: ReadonlyMap<string, LitStep>;
  /** By edge, whether a run went there; a choice's other ways are `not-taken` once it was made. */
  readonly edges: ReadonlyMap<GraphEdge, "taken" | "not-taken" | "open">;
}

const LIGHTS: Readonly<Record<string, StepLight>> = {
  StepStarted: "open",
  TaskCreated: "open",
  MapStarted: "open",
  WaitStarted: "open",
  HumanAsked: "open",
  ChoiceMade: "done",
  AttemptDispatched: "open",
  RetryScheduled: "open",
  AnswerApplied: "done",
  OutcomeReused: "done",
  ValueFilled: "done",
  TaskSkipped: "done",
  WaitSatisfied: "done",
  HumanAnswered: "done",
  DoubtSettled: "done",
  ContextTransformed: "done",
  EventEmitted: "done",
  JoinDecided: "done",
  StepCompleted: "done",
  TaskFailed: "failed",
  StepFailed: "failed",
  WaitExpired: "failed",
  HumanExpired: "failed",
  StepCancelled: "cancelled",
};

/** By what the origin of a fork had come to. */
const CARRIED: Readonly<Record<string, StepLight>> = {
  done: "done",
  failed: "failed",
  cancelled: "cancelled",
};

/** A step's name without the items of maps: where it stands in the plan. */
export const planStep = (step: string): string => step.replaceAll(/\[[^\]]*\]/g, "");

/** What a run did of a flow, up to the event at a sequence. */
export function litGraph(
  graph: FlowGraph,
  events: readonly OutlineEvent[],
  run: string,
  at: number,
): LitGraph {
  const steps = new Map<string, LitStep>();
  const taken = new Map<string, Set<string>>();
  const stepOf = new Map<string, string>();
  const items = new Map<string, Set<string>>();
  const light = (id: string, sequence: number, lit: StepLight, attempts = 0): void => {
    const before = steps.get(id);
    steps.set(id, {
      light: lit,
      sequence,
      attempts: (before?.attempts ?? 0) + attempts,
      items: items.get(id)?.size ?? 1,
    });
  };
  const carry = ({ step, status, branch }: ForkedStep, sequence: number): void => {
    const id = planStep(step);
    items.set(id, (items.get(id) ?? new Set()).add(step));
    // A branch that was taken is a choice that was made.
    if (branch !== undefined) taken.set(id, (taken.get(id) ?? new Set()).add(branch));
    light(id, sequence, branch === undefined ? (CARRIED[status] ?? "open") : "done");
  };
  const replies = graph.nodes.filter(({ kind }) => kind === "reply");
  for (const event of events) {
    if (event.sequence > at) break;
    const { type, sequence, task, step } = event;
    for (const created of tasksFrom(event)) if (created.run === run) stepOf.set(created.task, created.step);
    const carried = event.forked?.runs.find((one) => one.run === run);
    if (carried !== undefined) light(START, sequence, "done");
    for (const one of carried?.steps ?? []) carry(one, sequence);
    const named = task === undefined ? (event.run === run ? step : undefined) : stepOf.get(task);
    if (event.run === run) {
      if (type === "RunStarted") light(START, sequence, "done");
      if (type === "RunCompleted") light(END, sequence, "done");
      if (type === "RunFailed") light(END, sequence, "failed");
      if (type === "RunCancelled") light(END, sequence, "cancelled");
      if (type === "ReplySent")
        for (const { id } of replies) light(id, sequence, event.failed ? "failed" : "done");
    }
    if (named === undefined) continue;
    const id = planStep(named);
    items.set(id, (items.get(id) ?? new Set()).add(named));
    if (type === "FallbackTaken") light(`${id}#${event.link ?? 0}`, sequence, "done");
    if (type === "JoinDecided") light(`${id}#join`, sequence, "done");
    if (type === "ChoiceMade") taken.set(id, (taken.get(id) ?? new Set()).add(event.branch ?? ""));
    const lit = LIGHTS[type];
    if (lit !== undefined) light(id, sequence, lit, type === "AttemptDispatched" ? 1 : 0);
  }
  return { steps, edges: new Map(graph.edges.map((edge) => [edge, edgeLight(edge, steps, taken)])) };
}

function edgeLight(
  { from, to, branch }: GraphEdge,
  steps: ReadonlyMap<string, LitStep>,
  taken: ReadonlyMap<string, ReadonlySet<string>>,
): "taken" | "not-taken" | "open" {
  const ways = branch === undefined ? undefined : taken.get(branch.choice);
  if (branch !== undefined && ways !== undefined) return ways.has(branch.name) ? "taken" : "not-taken";
  return steps.has(from) && steps.has(to) ? "taken" : "open";
}
