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

export interface ComparedSessions {
  /** In the order of the first session; steps of the other one alone come last. */
  readonly steps: readonly ComparedStep[];
  /** The step at which they part: the earliest that differs, by the place in its session. Absent: none does. */
  readonly firstDifference?: ComparedStep;
  readonly totals: { readonly one: SessionTotals; readonly other: SessionTotals };
}

/** An event with when it was committed. */
interface Timed {
  readonly event: RecordedEvent;
  readonly at: number;
}

/** Compares two sessions by what their steps came to. Both logs must be whole. */
export function compareSessions(one: readonly Timed[], other: readonly Timed[]): ComparedSessions {
  const [left, right] = [outcomesOf(one), outcomesOf(other)];
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

/** What each step came to: the last word on it, where the first one stood. */
function outcomesOf(events: readonly Timed[]): ReadonlyMap<Key, StepOutcome> {
  const runs = new Map<string, { readonly flow: string; readonly run: number }>();
  const tasks = new Map<string, { readonly run: string; readonly step: string }>();
  const counts = new Map<string, number>();
  const outcomes = new Map<Key, StepOutcome>();
  const start = events[0]?.at ?? 0;
  for (const { event, at } of events) {
    if (event.type === "RunQueued") {
      const { run, name } = event.data;
      counts.set(name, (counts.get(name) ?? 0) + 1);
      runs.set(run, { flow: name, run: counts.get(name) ?? 1 });
    }
    if (event.type === "TaskCreated") tasks.set(event.data.task, event.data);
    const found = outcomeOf(event);
    if (found === undefined) continue;
    const { data } = event;
    const task = "task" in data && data.task !== undefined ? tasks.get(data.task) : undefined;
    const run = runs.get(task?.run ?? ("run" in data ? (data.run ?? "") : ""));
    if (run === undefined) continue;
    const step = task?.step ?? ("step" in data ? data.step : found.how === "replied" ? "reply" : "run");
    outcomes.set(keyOf({ ...run, step }), { sequence: event.sequence, ms: at - start, ...found });
  }
  return outcomes;
}

/** What an event says that a step came to; nothing for those that only lead there. */
function outcomeOf({ type, data }: RecordedEvent): Pick<StepOutcome, "how" | "value"> | undefined {
  switch (type) {
    case "ChoiceMade":
      return { how: "took", value: data.branch };
    case "AnswerApplied":
      return { how: "answered", value: data.result };
    case "ValueFilled":
      return { how: "filled", value: data.value };
    case "TaskSkipped":
      return { how: "skipped", value: data.reason };
    case "TaskFailed":
    case "StepFailed":
      return { how: "failed", value: data.error.code };
    case "HumanAnswered":
      return { how: "answered", value: data.input.value };
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
