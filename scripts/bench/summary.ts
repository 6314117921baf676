import type { Work } from "./cell.ts";
import { INCIDENTS, type Incident } from "./incidents.ts";
import { outcomeShares, type OutcomeShares } from "./outcomes.ts";
import type { PlayedCell } from "./play-cells.ts";
import { percentile, shareOf, sum, type Share } from "../statistics.ts";

/** Cells of one arm under one condition, all seeds together. */
export interface Summary {
  readonly arm: string;
  readonly agents: number;
  readonly fetches: number;
  readonly cap: number;
  readonly work: Work;
  readonly perSecond: number;
  readonly bursty: boolean;
  readonly faults: number;
  readonly seeds: number;
  readonly sessions: number;
  readonly messages: number;
  /** From the intended arrival, ms; what was not answered counts as infinite. */
  readonly latency: Percentiles;
  /** Of what was answered alone. */
  readonly answeredLatency: Percentiles;
  /** Without the time of models and of agents that failed. */
  readonly coordination: Percentiles;
  readonly answered: number;
  readonly refused: number;
  /** Share of seeds in which less than 90 % was answered. */
  readonly collapsed: number;
  /** Of sessions. */
  readonly incidents: Readonly<Record<Incident | "any", Share>>;
  /** Of sessions: with an incident, or with a message that was answered late or never. */
  readonly troubled: Share;
  /** Of sessions: with a fallback, in doubt, with a refusal. */
  readonly outcomes: OutcomeShares;
  /** Of messages, later than so many seconds or not at all. */
  readonly late: Readonly<Record<number, Share>>;
  readonly cpuMs: Readonly<Record<string, number>>;
  /** CPU a session, and a correctly answered one. */
  readonly cpuASession: number;
  readonly cpuACorrect: number;
  /** A session. */
  readonly requests: Readonly<Record<string, number>>;
}

export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

export const LATE_SECONDS = [1, 2, 5, 10, 29] as const;
const COLLAPSED_BELOW = 0.9;
const MS = 1_000;

/** One summary for each arm and condition, in the order in which they were played. */
export function summarize(played: readonly PlayedCell[]): readonly Summary[] {
  const groups = new Map<string, PlayedCell[]>();
  for (const one of played) {
    const { seed: _, ...rest } = one.cell;
    const name = JSON.stringify(rest);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [one]);
    else group.push(one);
  }
  return [...groups.values()].map(summaryOf);
}

function summaryOf(group: readonly PlayedCell[]): Summary {
  const [first] = group;
  if (first === undefined) throw new RangeError("Nothing was played.");
  const { arm, agents, cap, work, arrivals, faults, changed = {} } = first.cell;
  const latencies = group.flatMap((each) => each.latencies);
  const sessions = sum(group, (each) => each.sessions);
  const correct = sum(group, (each) => each.correct);
  const cpuMs = added(group.map((each) => each.cpuMs));
  const total = sum(Object.values(cpuMs), (ms) => ms);
  const incident = (kind: Incident | "any") =>
    shareOf(
      sum(group, (each) => each.incidents[kind]),
      sessions,
    );
  return {
    arm,
    agents,
    cap,
    work,
    faults,
    fetches: Number(changed["load.fetches"] ?? NaN),
    perSecond: arrivals.perSecond,
    bursty: arrivals.bursty,
    seeds: group.length,
    sessions,
    messages: latencies.length,
    latency: percentilesOf(latencies),
    answeredLatency: percentilesOf(latencies.filter((ms) => ms < Infinity)),
    coordination: percentilesOf(group.flatMap((each) => each.coordination)),
    answered: sum(group, (each) => each.answered) / latencies.length,
    refused: sum(group, (each) => each.refused) / latencies.length,
    collapsed: sum(group, (each) => (each.answered / each.messages < COLLAPSED_BELOW ? 1 : 0)) / group.length,
    incidents: {
      any: incident("any"),
      ...(Object.fromEntries(INCIDENTS.map((kind) => [kind, incident(kind)])) as Record<Incident, Share>),
    },
    troubled: shareOf(
      sum(group, (each) => each.troubled),
      sessions,
    ),
    outcomes: outcomeShares(group),
    late: Object.fromEntries(
      LATE_SECONDS.map((seconds) => [
        seconds,
        shareOf(latencies.filter((ms) => ms > seconds * MS).length, latencies.length),
      ]),
    ),
    cpuMs: perSession(cpuMs, sessions),
    cpuASession: total / sessions,
    cpuACorrect: total / correct,
    requests: perSession(added(group.map((each) => each.requests)), sessions),
  };
}

function percentilesOf(values: readonly number[]): Percentiles {
  const at = (share: number) => (values.length === 0 ? NaN : percentile(values, share));
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

function added(maps: readonly ReadonlyMap<string, number>[]): Readonly<Record<string, number>> {
  const total: Record<string, number> = {};
  for (const map of maps) for (const [name, value] of map) total[name] = (total[name] ?? 0) + value;
  return total;
}

const perSession = (totals: Readonly<Record<string, number>>, sessions: number) =>
  Object.fromEntries(Object.entries(totals).map(([name, value]) => [name, value / sessions]));
