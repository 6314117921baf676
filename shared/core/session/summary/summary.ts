import { SpineError } from "../../errors.ts";
import type { AgentName, SessionId } from "../../ids.ts";
import type { Commit } from "../commit.ts";
import { emptyOutline, type Outline, type SeenFlow, type SessionProblem } from "./outline.ts";
import { outlineAfter } from "./outline-reducers.ts";

/**
 * What a session does: an agent works (`running`); it waits for an event, a predecessor or a long pause (`waiting`), or for a person
 * (`asking`); nothing is in progress (`idle`), a command ended it (`stopped`), or its last run ended when its time was over (`ended`).
 */
export const SESSION_STATES = ["running", "waiting", "asking", "idle", "stopped", "ended"] as const;
export type ShownSessionState = (typeof SESSION_STATES)[number];

export interface WaitsFor {
  readonly kind: "person" | "event" | "agent" | "time";
  /** The step that asks, the event's type or `number N` of a producer that numbers its events, the agent that is called next. */
  readonly name: string;
  /** The question's id, where it is a person. */
  readonly ask?: string;
  /** When the spine goes on by itself, ms. */
  readonly until?: number;
}

export interface FlowRow extends SeenFlow {
  /** Runs that are queued or under way. */
  readonly runs: number;
}

/**
 * A session in the list of sessions: names, ids and numbers, and no value of its context. It tells of the commit that changed
 * `state`, `flows`, `waitsFor` or `problem` last: `sequence`, `lastAt`, `agents`, `tokens` and `money` are as of then.
 */
export interface SessionRow {
  readonly session: SessionId;
  readonly state: ShownSessionState;
  /** The last event of that commit. */
  readonly sequence: number;
  /** When its first event was committed, ms. */
  readonly startedAt: number;
  /** When that commit was made, ms. */
  readonly lastAt: number;
  /** By their names, in the order in which they first ran, at most 16; `flow` is the hash of the newest version that it ran. */
  readonly flows: readonly FlowRow[];
  readonly waitsFor?: WaitsFor;
  /** The agents that were called, at most 32. */
  readonly agents: readonly AgentName[];
  /** The worst since a run last began with none beside it; a doubt as long as it is open. */
  readonly problem?: SessionProblem;
  readonly tokens: number;
  readonly money: number;
}

/** A session's row, and what the next commit is folded onto. */
export interface Summary {
  readonly row: SessionRow;
  /** As of the row's sequence: stored beside it. */
  readonly base: Outline;
  /** As of the newest commit that was folded. */
  readonly newest: Outline;
}

/**
 * The summary after one more commit; `undefined` before the first. It depends on the log alone, so that whoever folds it, in whatever batches,
 * tells the same. A commit that it knows changes nothing. Throws `log.corrupt` for one that does not follow.
 */
export function summarize(
  summary: Summary | undefined,
  commit: Pick<Commit, "session" | "first" | "last" | "events" | "seen">,
): Summary {
  const { now } = commit.seen;
  const before = summary?.newest ?? emptyOutline(now);
  if (summary !== undefined && commit.last <= before.sequence) return summary;
  if (commit.first !== before.sequence + 1)
    throw new SpineError("log.corrupt", `Commit ${commit.first} follows sequence ${before.sequence}.`);
  const folded = commit.events.reduce((outline, event) => outlineAfter(outline, event, now), before);
  const newest = { ...folded, time: Math.max(before.time, now) };
  const listed = listedOf(newest);
  if (summary !== undefined && isSame(listed, summary.row)) return { ...summary, newest };
  return { row: rowOf(commit.session, newest, listed), base: newest, newest };
}

/** Sorts rows, the oldest first: by their time, and those of one moment by their sessions. */
export const orderOf = ({ lastAt, session }: Pick<SessionRow, "lastAt" | "session">): string =>
  `${String(lastAt).padStart(15, "0")}/${session}`;

/** Goes on from a stored row. */
export const summaryOf = (row: SessionRow, base: Outline): Summary => ({ row, base, newest: base });

type Listed = Pick<SessionRow, "state" | "flows" | "waitsFor" | "problem">;

const isSame = (one: Listed, other: Listed): boolean => listedText(one) === listedText(other);
const listedText = ({ state, flows, waitsFor, problem }: Listed): string =>
  JSON.stringify([
    state,
    flows.map(({ name, flow, runs }) => [name, flow, runs]),
    waitsFor && [waitsFor.kind, waitsFor.name, waitsFor.ask, waitsFor.until],
    problem?.sequence,
  ]);

function rowOf(session: SessionId, outline: Outline, listed: Listed): SessionRow {
  const { sequence, startedAt, time, agents, tokens, money } = outline;
  const { state, flows, waitsFor, problem } = listed;
  return {
    session,
    state,
    sequence,
    startedAt,
    lastAt: time,
    flows,
    ...(waitsFor !== undefined && { waitsFor }),
    agents,
    ...(problem !== undefined && { problem }),
    tokens,
    money,
  };
}

function listedOf(outline: Outline): Listed {
  const runs = Object.values(outline.runs);
  const flows = outline.flows.map((seen) => ({
    ...seen,
    runs: runs.filter((name) => name === seen.name).length,
  }));
  const waits = waitsOf(outline);
  const state = stateOf(outline, waits);
  const waitsFor =
    state === "asking" ? earliest(waits, "person") : state === "waiting" ? earliest(waits) : undefined;
  const problem = Object.values(outline.doubts).at(-1) ?? outline.problem;
  return { state, flows, ...(waitsFor && { waitsFor }), ...(problem && { problem }) };
}

function stateOf(
  { stopped, runs, held, deadline = Infinity, time, tasks }: Outline,
  waits: readonly WaitsFor[],
): ShownSessionState {
  if (stopped === true) return "stopped";
  if (Object.keys(runs).length === 0 && held.length === 0) return time >= deadline ? "ended" : "idle";
  if (waits.some(({ kind }) => kind === "person")) return "asking";
  const isWorking = Object.values(tasks).some(({ until }) => until === undefined);
  return isWorking || waits.length === 0 ? "running" : "waiting";
}

function waitsOf({ waits, tasks, held }: Outline): readonly WaitsFor[] {
  return [
    ...waits.map(({ step, event, ask, until }): WaitsFor =>
      event === undefined
        ? { kind: "person", name: step, ...(ask !== undefined && { ask }), until }
        : { kind: "event", name: event, until },
    ),
    ...Object.values(tasks).flatMap(({ step, agent, ask, until }): readonly WaitsFor[] => {
      if (until === undefined) return [];
      return [
        ask === undefined ? { kind: "time", name: agent, until } : { kind: "person", name: step, ask, until },
      ];
    }),
    ...held.map(({ ordinal, until }): WaitsFor => ({ kind: "event", name: `number ${ordinal - 1}`, until })),
  ];
}

/** The one whose time is over first: then the spine goes on by itself. */
function earliest(waits: readonly WaitsFor[], kind?: WaitsFor["kind"]): WaitsFor | undefined {
  const meant = kind === undefined ? waits : waits.filter((wait) => wait.kind === kind);
  const [first, ...others] = meant;
  return others.reduce(
    (best, wait) => (best === undefined || (wait.until ?? Infinity) < (best.until ?? Infinity) ? wait : best),
    first,
  );
}
