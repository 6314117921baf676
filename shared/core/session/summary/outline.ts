import type { Usage } from "../../contract.ts";
import type { AgentName, RunId, TaskId } from "../../ids.ts";

/** A flow that a session ran. */
export interface SeenFlow {
  readonly name: string;
  /** Hash of its newest version that the session ran. */
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
  /** By their names, in the order in which they first ran: the first of them. */
  readonly flows: readonly SeenFlow[];
  /** In the order in which they were first called: the first of them. */
  readonly agents: readonly AgentName[];
  /** Runs that are queued or under way: the name of each one's flow. */
  readonly runs: Readonly<Record<RunId, string>>;
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

/** A row is to be one write unit, of 1 kB. What was told once is told for ever: an index has an entry for each flow. */
const MAX_FLOWS = 16;
const MAX_AGENTS = 32;

export const withFlow = (outline: Outline, seen: SeenFlow): Outline => {
  const { flows } = outline;
  const isKnown = flows.some(({ name }) => name === seen.name);
  if (!isKnown) return { ...outline, flows: [...flows, seen].slice(0, MAX_FLOWS) };
  return { ...outline, flows: flows.map((known) => (known.name === seen.name ? seen : known)) };
};

export const withAgent = (outline: Outline, agent: AgentName): Outline =>
  outline.agents.includes(agent)
    ? outline
    : { ...outline, agents: [...outline.agents, agent].slice(0, MAX_AGENTS) };

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
