import type { RunId } from "../../ids.ts";
import type { Json } from "../../json.ts";
import type { Disposition, RecordedEvent, SessionEvents } from "../events.ts";
import { isWithin } from "../evolve/patch.ts";
import type { EventInput, Failure } from "../input.ts";
import type { A2aTaskState } from "./a2a-words.ts";

/** An event, and when it was committed, ms. */
export interface TimedFact {
  readonly event: RecordedEvent;
  readonly at: number;
}

export interface CourseAsk {
  readonly ask: string;
  readonly question: string;
  readonly dueAt: number;
  readonly run: RunId;
  readonly step: string;
  /** Of the event that asked. */
  readonly sequence: number;
}

export interface CourseAnswer {
  readonly id: string;
  /** Who answered. */
  readonly source: string;
  readonly ask: string;
  readonly value: Json;
  readonly sequence: number;
}

export interface CourseReply {
  readonly sequence: number;
  readonly flow: string;
  readonly body: Json;
}

interface CourseRun {
  readonly flow: string;
  readonly status: "queued" | "live" | "ended";
}

type RunEnd =
  { readonly how: "completed" } | { readonly how: "cancelled" | "failed"; readonly error: Failure };

/** What became of an event so far, folded from its session's events alone: of all runs that it started together. */
export interface TaskCourse {
  readonly start: number;
  readonly input: Pick<EventInput, "source" | "id" | "type" | "data">;
  readonly disposition: Disposition;
  readonly reason?: string;
  readonly runs: Readonly<Record<RunId, CourseRun>>;
  readonly ends: readonly RunEnd[];
  /** Questions that are open, by what an answer names. */
  readonly asks: Readonly<Record<string, CourseAsk>>;
  /** Every question that was asked. */
  readonly asked: readonly CourseAsk[];
  readonly answers: readonly CourseAnswer[];
  readonly replies: readonly CourseReply[];
  readonly state: A2aTaskState;
  /** The event that last changed the state, the questions or the replies, and when it was committed, ms. */
  readonly changed: { readonly sequence: number; readonly at: number };
}

/** The course that an event begins; none for events that nobody sent. */
export function courseFrom({ event, at }: TimedFact): TaskCourse | undefined {
  if (event.type !== "InputAccepted") return undefined;
  const { sequence } = event;
  const { input, disposition, reason } = event.data;
  const { source, id, type, data } = input;
  return {
    start: sequence,
    input: { source, id, type, data },
    disposition,
    ...(reason !== undefined && { reason }),
    runs: {},
    ends: [],
    asks: {},
    asked: [],
    answers: [],
    replies: [],
    state: FIRST[disposition],
    changed: { sequence, at },
  };
}

/** An event that another run takes has no reply of its own. */
const FIRST: Readonly<Record<Disposition, A2aTaskState>> = {
  triggers: "TASK_STATE_SUBMITTED",
  awaited: "TASK_STATE_COMPLETED",
  kept: "TASK_STATE_COMPLETED",
  ignored: "TASK_STATE_REJECTED",
  rejected: "TASK_STATE_REJECTED",
};

/** The course after one more event of the session, in the log's order. The same one where the event is about something else. */
export function courseAfter(course: TaskCourse, { event, at }: TimedFact): TaskCourse {
  const next = told(course, event);
  if (next === course) return course;
  const { sequence } = event;
  const state = stateOf(next);
  const isNews =
    state !== course.state || next.asks !== course.asks || next.replies.length > course.replies.length;
  return { ...next, state, changed: isNews ? { sequence, at } : course.changed };
}

function told(course: TaskCourse, { type, data, sequence }: RecordedEvent): TaskCourse {
  if (type === "RunQueued")
    return data.trigger === course.start
      ? withRun(course, data.run, { flow: data.name, status: "queued" })
      : course;
  if (!("run" in data) || data.run === undefined) return course;
  const run = course.runs[data.run];
  if (run === undefined) return course;
  switch (type) {
    case "RunStarted":
      return withRun(course, data.run, { ...run, status: "live" });
    case "HumanAsked":
      return withAsk(course, data, sequence);
    case "HumanAnswered":
    case "DoubtSettled": {
      const { id, source, ask, value } = data.input;
      const answers = [...course.answers, { id, source, ask, value, sequence }];
      return { ...withoutAsks(course, (open) => open.ask === ask), answers };
    }
    case "HumanExpired":
      return withoutAsks(course, ({ ask }) => ask === data.ask);
    case "StepCancelled":
      return withoutAsks(course, (open) => open.run === data.run && isWithin(open.step, data.step));
    case "CompensationStarted":
      return withoutAsks(course, (open) => open.run === data.run);
    case "ReplySent": {
      const reply = { sequence, flow: run.flow, body: data.body };
      return data.failed ? course : { ...course, replies: [...course.replies, reply] };
    }
    case "RunCompleted":
      return ended(course, data.run, { how: "completed" });
    case "RunFailed":
      return ended(course, data.run, { how: "failed", error: data.error });
    case "RunCancelled":
      return ended(course, data.run, {
        how: "cancelled",
        error: { code: "run.cancelled", message: data.reason },
      });
    default:
      return course;
  }
}

const withRun = (course: TaskCourse, id: RunId, run: CourseRun): TaskCourse => ({
  ...course,
  runs: { ...course.runs, [id]: run },
});

function withAsk(
  course: TaskCourse,
  { ask, question, dueAt, run, step }: SessionEvents["HumanAsked"],
  sequence: number,
): TaskCourse {
  const asked = { ask, question, dueAt, run, step, sequence };
  return { ...course, asks: { ...course.asks, [ask]: asked }, asked: [...course.asked, asked] };
}

function withoutAsks(course: TaskCourse, isClosed: (ask: CourseAsk) => boolean): TaskCourse {
  const left = Object.entries(course.asks).filter(([, ask]) => !isClosed(ask));
  if (left.length === Object.keys(course.asks).length) return course;
  return { ...course, asks: Object.fromEntries(left) };
}

function ended(course: TaskCourse, id: RunId, end: RunEnd): TaskCourse {
  const left = withoutAsks(course, ({ run }) => run === id);
  const flow = course.runs[id]?.flow ?? "";
  return { ...withRun(left, id, { flow, status: "ended" }), ends: [...course.ends, end] };
}

function stateOf({ runs, ends, asks }: TaskCourse): A2aTaskState {
  const all = Object.values<CourseRun>(runs);
  if (all.every(({ status }) => status === "ended")) {
    if (ends.some(({ how }) => how === "failed")) return "TASK_STATE_FAILED";
    return ends.some(({ how }) => how === "cancelled") ? "TASK_STATE_CANCELED" : "TASK_STATE_COMPLETED";
  }
  if (Object.keys(asks).length > 0) return "TASK_STATE_INPUT_REQUIRED";
  return all.every(({ status }) => status === "queued") ? "TASK_STATE_SUBMITTED" : "TASK_STATE_WORKING";
}

const QUESTIONS: ReadonlySet<string> = new Set([
  "HumanAsked",
  "HumanAnswered",
  "HumanExpired",
  "DoubtSettled",
]);

/** Whether an event is about a question to a person: without these a course tells of none, and works on meanwhile. */
export const isAboutQuestion = ({ event }: TimedFact): boolean => QUESTIONS.has(event.type);

/** The course of the event at a sequence by all events that are given, from that one on. */
export function courseOf(facts: readonly TimedFact[], start: number): TaskCourse | undefined {
  const at = facts.findIndex(({ event }) => event.sequence === start);
  const first = facts[at];
  const begun = first === undefined ? undefined : courseFrom(first);
  return begun && facts.slice(at + 1).reduce(courseAfter, begun);
}

/** The courses of all events that somebody sent, in the order in which they came. */
export const coursesIn = (facts: readonly TimedFact[]): readonly TaskCourse[] =>
  facts.reduce<readonly TaskCourse[]>((courses, fact) => {
    const begun = courseFrom(fact);
    const next = courses.map((course) => courseAfter(course, fact));
    return begun === undefined ? next : [...next, begun];
  }, []);
