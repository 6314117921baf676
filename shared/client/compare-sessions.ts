import type { Usage } from "#core/contract.ts";
import { sameJson, type Json, type JsonObject } from "#core/json.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import { plainPath } from "#core/session/sheet.ts";

/** What a step came to, in one of two sessions. */
export interface StepOutcome {
  readonly sequence: number;
  /** Since the session's first event. */
  readonly ms: number;
  /** `took`, `answered`, `filled`, `skipped`, `failed`, `received`, `expired`, `joined`, `set`, `replied`, `ended`. */
  readonly how: string;
  /** What it came to: a branch, a result, a reply. */
  readonly value: Json;
  /**
   * Of a fork. `before`: it came to that in its origin before it was forked; `sequence` and `ms` are the origin's. `reused`: it took what the
   * origin recorded, and nothing was spent.
   */
  readonly kept?: "before" | "reused";
}

/** One step of two sessions, aligned by where it stands in its flow. */
export interface ComparedStep {
  /** The flow, and which of its runs in the session, from 1. */
  readonly flow: string;
  readonly run: number;
  readonly step: string;
  /** Absent: the session never came there. */
  readonly one?: StepOutcome;
  readonly other?: StepOutcome;
  readonly isSame: boolean;
}

export interface SessionTotals {
  readonly events: number;
  /** From the first event to the last. */
  readonly ms: number;
  readonly tokens: number;
  readonly money: number;
  readonly attempts: number;
  readonly fallbacks: number;
  /** Answers that came on an old view. */
  readonly stale: number;
}

/** One of the sessions is a fork of the other one. */
export interface ComparedFork {
  readonly fork: "one" | "other";
  /** The event of the origin as of which it begins. */
  readonly at: number;
  /** Paths of which it began with other values, or the flow that is another. */
  readonly changed: readonly string[];
}

export interface ComparedSessions {
  /** In the order of the first session; steps of the other one alone come last. */
  readonly steps: readonly ComparedStep[];
  /** The step at which they part: the earliest that differs, by the place in its session. Absent: none does. */
  readonly firstDifference?: ComparedStep;
  /** Of a fork: only what it did itself. */
  readonly totals: { readonly one: SessionTotals; readonly other: SessionTotals };
  /** Absent: neither is a fork of the other one. */
  readonly forked?: ComparedFork;
}

/** An event with when it was committed. */
interface Timed {
  readonly event: RecordedEvent;
  readonly at: number;
}

/** How two sessions are named: that tells a fork of one of them from one of another session. */
export interface ComparedNames {
  readonly one: string;
  readonly other: string;
}

/**
 * Compares two sessions by what their steps came to. Both logs must be whole. A fork has what its origin had come to when it was forked.
 *
 * @param names of the sessions, without which no fork is recognised
 */
export function compareSessions(
  one: readonly Timed[],
  other: readonly Timed[],
  names?: ComparedNames,
): ComparedSessions {
  const forked = names && forkIn(one, other, names);
  const left = outcomesOf(one, forked?.fork === "one" ? { events: other, at: forked.at } : undefined);
  const right = outcomesOf(other, forked?.fork === "other" ? { events: one, at: forked.at } : undefined);
  const shared = [...left].map(([key, outcome]) => compared(key, outcome, right.get(key)));
  const added = [...right].filter(([key]) => !left.has(key));
  const steps = [...shared, ...added.map(([key, outcome]) => compared(key, undefined, outcome))];
  const order = [...right.keys()];
  const [differing] = shared.filter(({ isSame }) => !isSame);
  const [extra] = steps.slice(shared.length);
  const firstDifference =
    differing === undefined || extra === undefined
      ? (differing ?? extra)
      : order.indexOf(keyOf(extra)) < shared.indexOf(differing)
        ? extra
        : differing;
  return {
    steps,
    ...(firstDifference !== undefined && { firstDifference }),
    totals: { one: totalsOf(one), other: totalsOf(other) },
    ...(forked !== undefined && { forked }),
  };
}

type Key = string;
const keyOf = ({ flow, run, step }: Pick<ComparedStep, "flow" | "run" | "step">): Key =>
  JSON.stringify([flow, run, step]);

function compared(key: Key, one: StepOutcome | undefined, other: StepOutcome | undefined): ComparedStep {
  const [flow, run, step] = JSON.parse(key) as [string, number, string];
  const isSame =
    one !== undefined && other !== undefined && one.how === other.how && sameJson(one.value, other.value);
  return { flow, run, step, ...(one && { one }), ...(other && { other }), isSame };
}

function forkIn(
  one: readonly Timed[],
  other: readonly Timed[],
  names: ComparedNames,
): ComparedFork | undefined {
  const sides = [
    ["one", one[0]?.event, names.other],
    ["other", other[0]?.event, names.one],
  ] as const;
  for (const [fork, first, origin] of sides)
    if (first?.type === "SessionForked" && first.data.origin.session === origin)
      return { fork, at: first.data.origin.at, changed: first.data.changed };
  return undefined;
}

/** The part of an origin's log that a fork has as well. */
interface Before {
  readonly events: readonly Timed[];
  readonly at: number;
}

/** What each step came to: the last word on it, where the first one stood. */
function outcomesOf(events: readonly Timed[], before?: Before): ReadonlyMap<Key, StepOutcome> {
  const follower = followOutcomes();
  for (const timed of before?.events ?? []) {
    if (timed.event.sequence > (before?.at ?? 0)) break;
    follower.take(timed, before?.events[0]?.at ?? 0, "before");
  }
  for (const timed of events) follower.take(timed, events[0]?.at ?? 0);
  return follower.outcomes;
}

function followOutcomes() {
  const runs = new Map<string, { readonly flow: string; readonly run: number; readonly version: string }>();
  const tasks = new Map<string, { readonly run: string; readonly step: string }>();
  const counts = new Map<string, number>();
  const outcomes = new Map<Key, StepOutcome>();

  const begin = (run: string, name: string, version: string): void => {
    const known = runs.get(run);
    if (known?.version === version) return;
    // Under another version of its flow it begins anew: what it came to before is of no account.
    if (known !== undefined) for (const key of outcomes.keys()) if (isOfRun(key, known)) outcomes.delete(key);
    const nth = known?.run ?? (counts.get(name) ?? 0) + 1;
    counts.set(name, Math.max(nth, counts.get(name) ?? 0));
    runs.set(run, { flow: name, run: nth, version });
  };

  const take = ({ event, at }: Timed, start: number, kept?: "before"): void => {
    const { type, data } = event;
    if (type === "RunQueued") begin(data.run, data.name, data.flow);
    if (type === "TaskCreated") tasks.set(data.task, data);
    if (type === "SessionForked") {
      for (const { id, name, flow } of Object.values(data.state.runs)) begin(id, name, flow);
      for (const task of Object.values(data.state.tasks)) tasks.set(task.id, task);
    }
    const found = outcomeOf(event);
    if (found === undefined) return;
    const task = "task" in data && data.task !== undefined ? tasks.get(data.task) : undefined;
    const run = runs.get(task?.run ?? ("run" in data ? (data.run ?? "") : ""));
    if (run === undefined) return;
    const step = task?.step ?? ("step" in data ? data.step : found.how === "replied" ? "reply" : "run");
    const outcome = { sequence: event.sequence, ms: at - start, ...found, ...(kept && { kept }) };
    outcomes.set(keyOf({ flow: run.flow, run: run.run, step }), outcome);
  };

  return { take, outcomes };
}

const isOfRun = (key: Key, { flow, run }: { readonly flow: string; readonly run: number }): boolean =>
  key.startsWith(JSON.stringify([flow, run]).slice(0, -1) + ",");

/** What an event says that a step came to; nothing for those that only lead there. */
function outcomeOf({ type, data }: RecordedEvent): Pick<StepOutcome, "how" | "value" | "kept"> | undefined {
  switch (type) {
    case "ChoiceMade":
      return { how: "took", value: data.branch };
    case "AnswerApplied":
      return { how: "answered", value: data.result };
    case "OutcomeReused":
      return { how: "answered", value: data.result, kept: "reused" };
    case "ValueFilled":
      return { how: "filled", value: data.value };
    case "TaskSkipped":
      return { how: "skipped", value: data.reason };
    case "TaskFailed":
    case "StepFailed":
      return { how: "failed", value: data.error.code };
    case "HumanAnswered":
      return {
        how: "answered",
        value: data.input.value,
        ...(data.from !== undefined && { kept: "reused" as const }),
      };
    case "WaitSatisfied":
      return { how: "received", value: data.into === undefined ? null : plainPath(data.into) };
    case "WaitExpired":
    case "HumanExpired":
      return { how: "expired", value: null };
    case "JoinDecided":
      return { how: "joined", value: data.winners };
    case "ContextTransformed":
      return { how: "set", value: byPlainPath(data.set) };
    case "ReplySent":
      return { how: "replied", value: data.body };
    case "RunCompleted":
      return { how: "ended", value: "completed" };
    case "RunFailed":
      return { how: "ended", value: data.error.code };
    case "RunCancelled":
      return { how: "ended", value: "cancelled" };
    default:
      return undefined;
  }
}

/** A run's own values by the names that steps know, which are the same in every run. */
const byPlainPath = (set: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(set).map(([path, value]) => [plainPath(path), value]));

function totalsOf(events: readonly Timed[]): SessionTotals {
  const usages = events.flatMap(({ event: { data } }): readonly Usage[] =>
    "usage" in data && data.usage !== undefined ? [data.usage] : [],
  );
  const count = (type: RecordedEvent["type"]): number =>
    events.filter(({ event }) => event.type === type).length;
  return {
    events: events.length,
    ms: (events.at(-1)?.at ?? 0) - (events[0]?.at ?? 0),
    tokens: usages.reduce((sum, { tokens = 0 }) => sum + tokens, 0),
    money: usages.reduce((sum, { money = 0 }) => sum + money, 0),
    attempts: count("AttemptDispatched"),
    fallbacks: count("FallbackTaken"),
    stale: count("AnswerStale"),
  };
}
