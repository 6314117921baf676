import type { SessionRecord } from "./ledger.ts";

/** An answer that comes later than this is as bad as an incident, where one figure is made of both. */
export const LATE_MS = 5_000;

/** What is an incident; one session may have several. */
export const INCIDENTS = ["wrong", "doubled", "stale", "lost"] as const;
export type Incident = (typeof INCIDENTS)[number];

export interface Judgement {
  readonly incidents: ReadonlySet<Incident>;
  /** Messages, and how each ended for its client: milliseconds from when it was meant to be sent, `Infinity` without an answer. */
  readonly latencies: readonly number[];
  /** Messages that were answered by a failure which the arm had decided on. */
  readonly refused: number;
}

export interface Expected {
  /** Every agent that a reply must have a section of, in order. */
  readonly agents: readonly string[];
  /** A fact that is younger than this at the effect's start makes nobody stale. */
  readonly staleGraceMs: number;
}

/**
 * Holds a session against the sequential oracle: each message worked on alone, after the one before, by every agent once.
 *
 * - *wrong*: a reply lacks an agent's section, or has one that was made for another message;
 * - *doubled*: the system outside performed a message's effect more than once;
 * - *stale*: an effect went by facts although newer ones had come into force before it began;
 * - *lost*: a message was accepted, or its effect performed, and its client got no answer to it.
 */
export function judge(record: SessionRecord, { agents, staleGraceMs }: Expected): Judgement {
  const incidents = new Set<Incident>();
  const latencies: number[] = [];
  let refused = 0;
  for (const { message, intendedAt, answer } of record.messages.values()) {
    const effects = record.effects.filter((effect) => effect.message === message);
    if (effects.length > 1) incidents.add("doubled");
    if (answer === undefined) {
      latencies.push(Infinity);
      if (record.accepted.has(message) || effects.length > 0) incidents.add("lost");
      continue;
    }
    latencies.push(answer.at - intendedAt);
    if (answer.type === "refused") {
      refused += 1;
      continue;
    }
    const { sections } = answer.reply;
    const isRight =
      sections.length === agents.length &&
      sections.every((section, at) => section.agent === agents[at] && section.message === message);
    if (!isRight) incidents.add("wrong");
  }
  for (const effect of record.effects) {
    const newer = [...record.inForce].some(
      ([message, at]) => message > effect.facts && at + staleGraceMs <= effect.at,
    );
    if (newer) incidents.add("stale");
  }
  return { incidents, latencies, refused };
}
