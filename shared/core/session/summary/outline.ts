import type { Usage } from "../../contract.ts";
import type { AgentName, RunId, TaskId } from "../../ids.ts";

/** A flow that a session ran, in one of its versions. */
export interface SeenFlow {
  readonly name: string;
  /** Its hash: which version of it. */
  readonly flow: string;
}

/** What went wrong in a session, from the least to the worst. A doubt is open until it is known whether the effect happened. */
export const PROBLEM_KINDS = [
  "fallback",
  "late",
  "dead-letter",
  "quarantined",
  "failed",
  "in-doubt",
] as const;
export type ProblemKind = (typeof PROBLEM_KINDS)[number];

export interface SessionProblem {
  readonly kind: ProblemKind;
  /** The step that it is about, where it is about one. */
  readonly step?: string;
  /** When it was committed, ms. */
  readonly at: number;
  /** The event that tells of it. */
  readonly sequence: number;
}

/** A task without an outcome. */
export interface OpenTask {
  readonly run: RunId;
  readonly step: string;
  readonly agent: AgentName;
  readonly claimed?: true;
  /** The question that a person is asked in its place. */
  readonly ask?: string;
  /** When the question is closed, or a long pause before its next attempt is over, ms. */
  readonly until?: number;
}

/** A step that waits for an event (`event`), or for a person (`ask`). */
export interface OpenWait {
  readonly run: RunId;
  readonly step: string;
  readonly event?: string;
  readonly ask?: string;
  readonly until: number;
}

/** An input that waits for its predecessor. */
export interface OpenHold {
  /** Stands for the producer, whose name is nobody's business here. */
  readonly source: number;
  readonly ordinal: number;
  readonly until: number;
}

/**
 * All that telling a session's summary takes of its past, folded from its events alone: whoever has it goes on with the next
 * commit and reads nothing else. It holds names that developers gave, ids and numbers, and no value of the session.
 */
export interface Outline {
  /** The last event that it knows. */
  readonly sequence: number;
  readonly startedAt: number;
  /** Session time of the last commit, ms. */
  readonly time: number;
  readonly stopped?: true;
  /** When the session's work must be over, ms. */
  readonly deadline?: number;
  /** In the order in which they first ran; the oldest are forgotten. */
  readonly flows: readonly SeenFlow[];
  /** In the order in which they were first called; the oldest are forgotten. */
  readonly agents: readonly AgentName[];
  /** Runs that are queued or under way. */
  readonly runs: Readonly<Record<RunId, SeenFlow>>;
  readonly tasks: Readonly<Record<TaskId, OpenTask>>;
  readonly waits: readonly OpenWait[];
  readonly held: readonly OpenHold[];
  /** The worst since a run last began with none beside it. */
  readonly problem?: SessionProblem;
  readonly doubts: Readonly<Record<TaskId, SessionProblem>>;
  readonly tokens: number;
  readonly money: number;
}

export const emptyOutline = (startedAt: number): Outline => ({
  sequence: 0,
  startedAt,
  time: startedAt,
  flows: [],
  agents: [],
  runs: {},
  tasks: {},
  waits: [],
  held: [],
  doubts: {},
  tokens: 0,
  money: 0,
});

/** A row is one write unit as long as it has 1 kB. */
const MAX_FLOWS = 8;
const MAX_AGENTS = 32;

export const withFlow = (outline: Outline, flow: SeenFlow): Outline =>
  outline.flows.some((known) => known.name === flow.name && known.flow === flow.flow)
    ? outline
    : { ...outline, flows: [...outline.flows, flow].slice(-MAX_FLOWS) };

export const withAgent = (outline: Outline, agent: AgentName): Outline =>
  outline.agents.includes(agent)
    ? outline
    : { ...outline, agents: [...outline.agents, agent].slice(-MAX_AGENTS) };

export const spent = (outline: Outline, usage: Usage | undefined): Outline =>
  usage === undefined
    ? outline
    : {
        ...outline,
        tokens: outline.tokens + (usage.tokens ?? 0),
        money: outline.money + (usage.money ?? 0),
      };

const rankOf = ({ kind }: SessionProblem): number => PROBLEM_KINDS.indexOf(kind);

/** Of two problems the worse one counts, and of two alike the newer one. */
export const withProblem = (outline: Outline, problem: SessionProblem): Outline =>
  outline.problem !== undefined && rankOf(outline.problem) > rankOf(problem)
    ? outline
    : { ...outline, problem };
