import type { CompiledNode } from "#core/flow/plan.ts";
import { visitPlan } from "#core/flow/visit-plan.ts";
import type { FaultKind } from "./chaos.ts";
import { nodeAt, type History } from "./checks/history.ts";
import type { WorldResult } from "./sim-world.ts";

/** Everything that a flow, a contract or a caller can ask of the spine, by the name under which it is counted. */
export const PRIMITIVES = [
  "sequence",
  "parallel-all",
  "parallel-any",
  "parallel-quorum",
  "parallel-best",
  "losers-finish",
  "partial",
  "choice",
  "map",
  "wait",
  "human",
  "sub-flow",
  "transform",
  "emit",
  "reply",
  "fallback-agent",
  "fallback-value",
  "fallback-last-known",
  "fallback-human",
  "fallback-skip",
  "retry",
  "attempt-timeout",
  "heartbeat",
  "silence",
  "step-timeout",
  "once",
  "in-doubt",
  "doubt-asked",
  "doubt-person",
  "compensation",
  "session-deadline",
  "stale-rerun",
  "stale-drop",
  "stale-accept",
  "kept-changed",
  "event-kept",
  "kept-event-taken",
  "decision-stopped",
  "named-items",
  "busy-queue",
  "busy-parallel",
  "busy-restart",
  "busy-pre-empt",
  "busy-reject",
  "ordinals",
  "ordinal-held",
  "ordinal-gap",
  "command-stop",
  "command-cancel",
  "fork",
  "fork-carries",
  "fork-reuses",
  "signal",
  "signal-ignored",
  "budget",
  "breaker",
  "express-lane",
  "marker",
  "dead-letter",
] as const;
export type Primitive = (typeof PRIMITIVES)[number];

/** What faults lead to, by the name under which it is counted. */
export const CONSEQUENCES = [
  "letter",
  "letter-overtaken",
  "bus-letter",
  "relay-retry",
  "unknown-words",
  "state-kept",
  "state-old",
  "expired",
] as const;
export type Consequence = (typeof CONSEQUENCES)[number];

/** What the faults of a run led to. */
export function consequencesOf(
  {
    overtaken,
    unknown,
    refused,
    keptStates,
    oldStates,
  }: Pick<WorldResult, "overtaken" | "unknown" | "refused" | "keptStates" | "oldStates">,
  histories: readonly History[],
): Readonly<Record<Consequence, number>> {
  const sum = (of: (record: History["record"]) => number) =>
    histories.reduce((total, { record }) => total + of(record), 0);
  return {
    letter: sum(({ letters }) => letters.size),
    "letter-overtaken": overtaken,
    "bus-letter": refused.size,
    "relay-retry": sum(({ retried }) => retried.size),
    "unknown-words": unknown,
    "state-kept": keptStates,
    "state-old": oldStates,
    expired: sum(({ expiredAt }) => (expiredAt === undefined ? 0 : 1)),
  };
}

/**
 * So often in 1,000 seeds each fault and each consequence occurs at least: a third of what is usual or less. What falls
 * below is no longer tried.
 */
const USUAL_FLOOR = 40;
const FLOORS: Readonly<Partial<Record<FaultKind | Consequence, number>>> = {
  "table-restored": 8,
  "sessions-expire": 20,
  "log-words-renamed": 15,
  "unknown-words": 8,
  "letter-overtaken": 15,
};
/** Of the sessions. */
const PRIMITIVE_FLOOR = 0.005;
const RARE_FLOORS: Readonly<Partial<Record<string, number>>> = {
  // It takes an answer of an earlier run, and an agent that fails in a later one.
  "fallback-last-known": 0.002,
  // It takes an urgent run of the same memory in the middle of another.
  "kept-changed": 0.0005,
  // It takes long work; and an agent that dies in the middle of it.
  heartbeat: 0.002,
  silence: 0.0003,
  // It takes an event between its run's start and its wait.
  "event-kept": 0.002,
  "kept-event-taken": 0.001,
};
/** Fewer seeds say nothing. */
const SEEDS_FOR_FLOORS = 500;

/** What occurred so seldom that its promises were hardly tried. */
export function belowFloor({
  seeds,
  sessions,
  faults,
  consequences,
  primitives,
}: Counted): readonly string[] {
  if (seeds < SEEDS_FOR_FLOORS) return [];
  const rare = (counts: Readonly<Record<string, number>>, least: (name: string) => number) =>
    Object.keys(counts).filter((name) => (counts[name] ?? 0) < least(name));
  const floor = (name: string) => ((FLOORS[name as keyof typeof FLOORS] ?? USUAL_FLOOR) * seeds) / 1_000;
  return [
    ...rare({ ...faults, ...consequences }, floor),
    ...rare(primitives, (name) => (RARE_FLOORS[name] ?? PRIMITIVE_FLOOR) * sessions),
  ];
}

interface Counted {
  readonly seeds: number;
  readonly sessions: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly consequences: Readonly<Record<string, number>>;
  readonly primitives: Readonly<Record<string, number>>;
}

/** What of all this happened in one session. */
export function primitivesOf({ events, commits, inputs, dispatches }: History): ReadonlySet<Primitive> {
  const found = new Set<Primitive>();
  const planOf = (run: string): CompiledNode | undefined => inputs.get(run)?.flow.plan;
  const live = new Set<string>();
  for (const event of events) {
    switch (event.type) {
      case "InputAccepted":
        if (event.data.input.ordinal !== undefined) found.add("ordinals");
        if (event.data.input.lane === "express") found.add("express-lane");
        break;
      case "InputHeld":
        found.add("ordinal-held");
        break;
      case "OrdinalGapRecorded":
        found.add("ordinal-gap");
        break;
      case "RunQueued":
        if (live.size > 0 && event.data.onBusy === "queue") found.add("busy-queue");
        break;
      case "RunStarted": {
        const flow = inputs.get(event.data.run)?.flow;
        if (live.size > 0 && flow?.onBusy === "parallel") found.add("busy-parallel");
        live.add(event.data.run);
        visitPlan(flow?.plan ?? { kind: "sequence", steps: [] }, ({ node }) => {
          if (node.kind === "sequence") found.add("sequence");
          if (node.kind === "flow") found.add("sub-flow");
        });
        break;
      }
      case "CompensationStarted":
        found.add("compensation");
        break;
      case "SessionStopped":
        if (event.data.reason === "The session's time is over.") found.add("session-deadline");
        break;
      case "RunSuspended":
        found.add("busy-pre-empt");
        break;
      case "RunRejected":
        found.add("busy-reject");
        break;
      case "RunCancelled":
        if (event.data.reason.startsWith("restarted")) found.add("busy-restart");
        live.delete(event.data.run);
        break;
      case "RunCompleted":
      case "RunFailed":
        live.delete(event.data.run);
        break;
      case "JoinDecided": {
        const plan = planOf(event.data.run);
        const node = plan === undefined ? undefined : nodeAt(plan, event.data.step);
        if (node?.kind === "parallel") found.add(`parallel-${node.join.type}`);
        if (event.data.lingering !== undefined) found.add("losers-finish");
        if (event.data.partial) found.add("partial");
        break;
      }
      case "ChoiceMade":
        found.add("choice");
        break;
      case "DecisionStopped":
        found.add("decision-stopped");
        break;
      case "KeptSectionChanged":
        found.add("kept-changed");
        break;
      case "EventKept":
        found.add("event-kept");
        break;
      case "KeptEventTaken":
        found.add("kept-event-taken");
        break;
      case "MapStarted":
        found.add("map");
        if (event.data.keys !== undefined) found.add("named-items");
        break;
      case "WaitStarted":
        found.add("wait");
        break;
      case "HumanAsked":
        found.add(event.data.task === undefined ? "human" : "fallback-human");
        break;
      case "ContextTransformed":
        found.add("transform");
        break;
      case "EventEmitted":
        found.add("emit");
        break;
      case "ReplySent":
        found.add("reply");
        break;
      case "FallbackTaken":
        found.add(`fallback-${event.data.type}`);
        break;
      case "RetryScheduled":
        found.add("retry");
        break;
      case "HeartbeatSeen":
        if (event.data.at !== undefined) found.add("heartbeat");
        break;
      case "AttemptTimedOut":
        found.add(event.data.silentSince === undefined ? "attempt-timeout" : "silence");
        break;
      case "StepFailed":
        if (event.data.error.code === "step.timeout") found.add("step-timeout");
        break;
      case "EffectClaimed":
        found.add("once");
        break;
      case "EffectInDoubt":
        found.add("in-doubt");
        if (event.data.asks !== undefined)
          found.add(event.data.asks === "agent" ? "doubt-asked" : "doubt-person");
        break;
      case "AnswerStale":
        found.add(event.data.action === "drop" ? "stale-drop" : "stale-rerun");
        break;
      case "ClaimRefused":
        found.add(
          dispatches.get(`${event.data.task}/${event.data.attempt}`)?.contract.onStale === "drop"
            ? "stale-drop"
            : "stale-rerun",
        );
        break;
      case "AnswerApplied":
        if (event.data.stale !== undefined) found.add("stale-accept");
        break;
      case "CommandGiven":
        if (event.data.command.type === "stop") found.add("command-stop");
        if (event.data.command.type === "cancel") found.add("command-cancel");
        break;
      case "TaskSignalled":
        found.add("signal");
        break;
      case "SignalIgnored":
        found.add("signal-ignored");
        break;
      case "SessionForked":
        found.add("fork");
        break;
      case "RunCarried":
        found.add("fork-carries");
        break;
      case "OutcomeReused":
        found.add("fork-reuses");
        break;
      case "BudgetExhausted":
        found.add("budget");
        break;
      case "AgentUnavailable":
        found.add("breaker");
        break;
      case "DeadLetterRecorded":
        found.add("dead-letter");
        break;
      default:
    }
  }
  if (commits.some(({ evicted }) => evicted > 0)) found.add("marker");
  return found;
}
