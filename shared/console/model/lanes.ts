import { ENDS_RUN } from "#core/session/ends-run.ts";
import type { OutlineEvent } from "./event-outline.ts";
import { tasksFrom, type CreatedTask, type Forked } from "./forked.ts";

/** Who acts: one row of the picture. */
export interface Lane {
  readonly id: string;
  readonly label: string;
  readonly kind: "producers" | "people" | "spine" | "agent";
  /** How many bars stand above each other in it, at least 1. */
  readonly rows: number;
}

export type BarKind = "queued" | "running" | "asking" | "waiting" | "reused";
export type BarOutcome = "open" | "applied" | "stale" | "late" | "failed" | "timed-out" | "stopped";

/** Something that took time: an attempt, a question, a wait; or the outcome of an origin that a fork uses again. */
export interface Bar {
  readonly lane: string;
  readonly row: number;
  readonly kind: BarKind;
  readonly outcome: BarOutcome;
  /** Sequences of the events that began and ended it; without `to` it goes on. */
  readonly from: number;
  readonly to?: number;
  readonly label: string;
  /** Of an attempt. */
  readonly task?: string;
}

/** Something that happened at one moment. */
export interface Mark {
  readonly lane: string;
  readonly sequence: number;
  readonly type: string;
  readonly isProblem: boolean;
}

/** What led from one lane to another: an input, and the first thing that it caused there. */
export interface Arrow {
  readonly from: number;
  readonly fromLane: string;
  readonly to: number;
  readonly toLane: string;
}

export interface Lanes {
  readonly lanes: readonly Lane[];
  readonly bars: readonly Bar[];
  readonly marks: readonly Mark[];
  readonly arrows: readonly Arrow[];
  /** The lane of each event, by its index. */
  readonly laneOf: readonly string[];
}

const PRODUCERS = "producers";
const PEOPLE = "people";
const SPINE = "spine";
const agentLane = (agent: string): string => `agent ${agent}`;

const FROM_PRODUCERS = new Set([
  "InputAccepted",
  "InputHeld",
  "InputQuarantined",
  "CommandGiven",
  "TaskSignalled",
  "SignalIgnored",
  "SessionForked",
]);
const OF_PEOPLE = new Set(["HumanAsked", "HumanAnswered", "HumanExpired", "DoubtSettled"]);
const PROBLEMS = new Set([
  ...["AnswerStale", "AnswerLate", "AnswerUnusable", "AttemptFailed", "AttemptTimedOut", "AgentUnavailable"],
  ...["ClaimRefused", "EffectInDoubt", "FallbackTaken", "TaskFailed", "StepFailed", "RunFailed"],
  ...["DeadLetterRecorded", "InputQuarantined", "OrdinalGapRecorded", "BudgetExhausted", "HumanExpired"],
  ...["WaitExpired", "RunRejected", "SessionStopped"],
]);
export const isProblem = (type: string): boolean => PROBLEMS.has(type);

/** What an event ends an attempt with. */
const ENDS: Readonly<Record<string, BarOutcome>> = {
  AnswerApplied: "applied",
  AnswerStale: "stale",
  AnswerUnusable: "failed",
  AttemptFailed: "failed",
  AttemptTimedOut: "timed-out",
  AttemptFenced: "stopped",
  EffectInDoubt: "failed",
};

interface Open extends Omit<Bar, "row" | "to" | "outcome"> {
  readonly run: string | undefined;
}

/** The picture of a session: from the outline of all its events, in order. */
export function lanesOf(events: readonly OutlineEvent[]): Lanes {
  const agents = agentsByTask(events);
  const laneOf = events.map((event) => laneFor(event, agents));
  const index = new Map(events.map(({ sequence }, at) => [sequence, at]));
  const bars = barsOf(events, agents);
  const { rowed, rows } = inRows(bars);
  const arrows: Arrow[] = [];
  const pointed = new Set<string>();
  for (const [at, { sequence, cause, type, told = [] }] of events.entries()) {
    for (const agent of new Set(told.flatMap((task) => agents.get(task) ?? [])))
      arrows.push({ from: sequence, fromLane: PRODUCERS, to: sequence, toLane: agentLane(agent) });
    const [toLane = SPINE, fromLane = SPINE] = [laneOf[at], laneOf[index.get(cause) ?? at]];
    const isNew = type === "AttemptDispatched" || type === "HumanAsked" || type === "ReplySent";
    if (!isNew || cause === sequence || (toLane === fromLane && toLane === SPINE)) continue;
    const key = `${cause} ${toLane} ${type === "AttemptDispatched" ? sequence : ""}`;
    if (pointed.has(key)) continue;
    pointed.add(key);
    arrows.push({ from: cause, fromLane, to: sequence, toLane });
  }
  const used = [...new Set([PRODUCERS, PEOPLE, SPINE, ...laneOf])].filter((lane) => laneOf.includes(lane));
  return {
    lanes: used.map((id) => ({ id, ...named(id), rows: rows.get(id) ?? 1 })),
    bars: rowed,
    marks: events.map(({ sequence, type }, at) => ({
      lane: laneOf[at] ?? SPINE,
      sequence,
      type,
      isProblem: isProblem(type),
    })),
    arrows,
    laneOf,
  };
}

function named(id: string): Pick<Lane, "label" | "kind"> {
  if (id === PRODUCERS || id === PEOPLE || id === SPINE) return { label: id, kind: id };
  return { label: id.slice(agentLane("").length), kind: "agent" };
}

/** Who works on each task: a fallback may be another agent. */
function agentsByTask(events: readonly OutlineEvent[]): ReadonlyMap<string, string> {
  const agents = new Map<string, string>();
  for (const event of events) {
    for (const carried of tasksFrom(event)) agents.set(carried.task, carried.agent);
    const { task, attempt, agent } = event;
    if (task === undefined || agent === undefined) continue;
    agents.set(task, agent);
    if (attempt !== undefined) agents.set(`${task}/${attempt}`, agent);
  }
  return agents;
}

function laneFor({ type, task, attempt, agent }: OutlineEvent, agents: ReadonlyMap<string, string>): string {
  if (FROM_PRODUCERS.has(type)) return PRODUCERS;
  if (OF_PEOPLE.has(type)) return PEOPLE;
  const who = agent ?? agents.get(`${task}/${attempt}`) ?? agents.get(task ?? "");
  return who === undefined ? SPINE : agentLane(who);
}

function barsOf(
  events: readonly OutlineEvent[],
  agents: ReadonlyMap<string, string>,
): readonly Omit<Bar, "row">[] {
  const open = new Map<string, Open>();
  const done: Omit<Bar, "row">[] = [];
  const begin = (key: string, bar: Omit<Open, "run">, run: string | undefined): void => {
    open.set(key, { ...bar, run });
  };
  const end = (key: string, to: number, outcome: BarOutcome): void => {
    const bar = open.get(key);
    if (bar === undefined) return;
    open.delete(key);
    done.push({ ...withoutRun(bar), to, outcome });
  };
  const tasks = new Map<string, CreatedTask & { readonly from: number }>();
  for (const event of events) {
    const { type, sequence, task = "", attempt = 0, run, step = "", ask = "", subtype } = event;
    for (const created of tasksFrom(event)) tasks.set(created.task, { ...created, from: sequence });
    const ofTask = run ?? tasks.get(task)?.run;
    const lane = laneFor(event, agents);
    const outcome = ENDS[type];
    if (event.forked !== undefined)
      for (const [key, bar] of carriedBars(event.forked, sequence)) open.set(key, bar);
    if (type === "AttemptDispatched") {
      end(`queued ${task}`, sequence, "applied");
      begin(
        `${task}/${attempt}`,
        {
          lane,
          kind: "running",
          from: sequence,
          label: labelOf(tasks.get(task)?.step ?? step, attempt),
          task,
        },
        ofTask,
      );
    } else if (outcome !== undefined) {
      end(`${task}/${attempt}`, sequence, outcome);
    } else if (type === "RetryScheduled") {
      begin(`queued ${task}`, { lane, kind: "queued", from: sequence, label: "retry" }, ofTask);
    } else if (type === "OutcomeReused") {
      const { step: of = "", from = sequence } = tasks.get(task) ?? {};
      done.push({ lane, kind: "reused", outcome: "applied", from, to: sequence, label: lastPart(of) });
    } else if (type === "RunQueued") {
      begin(`run ${run}`, { lane: SPINE, kind: "queued", from: sequence, label: event.name ?? "run" }, run);
    } else if (type === "RunStarted") {
      end(`run ${run}`, sequence, "applied");
    } else if (type === "HumanAsked") {
      begin(`ask ${ask}`, { lane: PEOPLE, kind: "asking", from: sequence, label: lastPart(step) }, run);
    } else if (OF_PEOPLE.has(type)) {
      end(`ask ${ask}`, sequence, type === "HumanExpired" ? "timed-out" : "applied");
    } else if (type === "WaitStarted") {
      begin(
        `wait ${run} ${step}`,
        { lane: SPINE, kind: "waiting", from: sequence, label: subtype ?? "" },
        run,
      );
    } else if (type === "WaitSatisfied" || type === "WaitExpired") {
      end(`wait ${run} ${step}`, sequence, type === "WaitExpired" ? "timed-out" : "applied");
    } else if (type === "TaskFailed" || type === "TaskSkipped" || type === "ValueFilled") {
      end(`queued ${task}`, sequence, "stopped");
    } else if (ENDS_RUN.has(type)) {
      for (const [key, bar] of open) if (bar.run === run) end(key, sequence, "stopped");
    }
  }
  const rest = [...open.values()].map((bar) => ({ ...withoutRun(bar), outcome: "open" as const }));
  return [...done, ...rest].sort((one, other) => one.from - other.from);
}

/** What was open in a fork's origin and goes on: waits and questions. */
const carriedBars = ({ runs }: Forked, from: number) =>
  runs.flatMap(({ run, steps }) =>
    steps.flatMap(({ step, status, event, ask }): (readonly [string, Open])[] => {
      if (status !== "open") return [];
      if (event !== undefined)
        return [[`wait ${run} ${step}`, { lane: SPINE, kind: "waiting", from, label: event, run }]];
      const asked = { lane: PEOPLE, kind: "asking", from, label: lastPart(step), run } as const;
      return ask === undefined ? [] : [[`ask ${ask}`, asked]];
    }),
  );

const withoutRun = ({ run: _run, ...bar }: Open): Omit<Bar, "row" | "to" | "outcome"> => bar;
const lastPart = (step: string): string => step.slice(step.lastIndexOf("/") + 1);
const labelOf = (step: string, attempt: number): string =>
  `${lastPart(step)}${attempt > 1 ? ` #${attempt}` : ""}`;

const MOST_ROWS = 4;

/** Bars of a lane that overlap stand above each other, as far as there is room. */
function inRows(bars: readonly Omit<Bar, "row">[]): {
  readonly rowed: readonly Bar[];
  readonly rows: ReadonlyMap<string, number>;
} {
  const ends = new Map<string, number[]>();
  const rowed = bars.map((bar): Bar => {
    const taken = ends.get(bar.lane) ?? [];
    ends.set(bar.lane, taken);
    const free = taken.findIndex((end) => end <= bar.from);
    const row = free >= 0 ? free : Math.min(taken.length, MOST_ROWS - 1);
    taken[row] = bar.to ?? Infinity;
    return { ...bar, row };
  });
  return { rowed, rows: new Map([...ends].map(([lane, taken]) => [lane, taken.length])) };
}
