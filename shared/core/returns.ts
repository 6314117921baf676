import { chanceOf } from "./session/decide/chance.ts";

/** How soon a message comes again that could not be taken for trouble that may pass, and how often. */
export interface ReturnRule {
  /** After the first time; doubled each further time. */
  readonly firstSeconds: number;
  /** As a rule less than the queue hides a received message: a function that dies must not be the faster way back. */
  readonly longestSeconds: number;
  /** After so many receives it is a dead letter. */
  readonly receives: number;
  /** How long its queue hides a received message, where a function hides it anew. */
  readonly hiddenSeconds?: number;
}

/**
 * By what a queue carries. Many receives are many minutes of patience with what is down, but also as many times the
 * queue's visibility for a message that kills its function.
 */
export const RETURNS = {
  /** Inbox and answers, hidden for 30 s: a session stands still while its first message is away. */
  inputs: { firstSeconds: 1, longestSeconds: 25, receives: 16, hiddenSeconds: 30 },
  /** Hidden for 60 s. */
  deadlines: { firstSeconds: 2, longestSeconds: 50, receives: 12 },
  /** Hidden for 60 s; nothing comes after the dead letters, so they are received until they are kept. */
  letters: { firstSeconds: 2, longestSeconds: 50, receives: Infinity, hiddenSeconds: 60 },
  /**
   * Of the inbox and of answers, what only a newer version of the function can decide: a deployment takes minutes. A function
   * that dies may well be the faster way back: then the newer one is asked sooner.
   */
  newer: { firstSeconds: 5, longestSeconds: 100, receives: 16 },
  /** Intake: hidden for 180 s. */
  events: { firstSeconds: 2, longestSeconds: 120, receives: 10, hiddenSeconds: 180 },
  /** What the relay tries again, such as a commit of a newer version: hidden for 180 s. */
  commits: { firstSeconds: 2, longestSeconds: 120, receives: 16 },
  /** A receive may be another run of the agent; what is given up is another attempt, which the flow's policy decides. */
  tasks: { firstSeconds: 5, longestSeconds: 30, receives: 5 },
} as const satisfies Readonly<Record<string, ReturnRule>>;

/** What a queue carries. */
export type ReturnKind = keyof typeof RETURNS;

/** Delays are this part of what has grown at least: chance makes the rest, so that what failed together comes apart. */
const LEAST_PART = 0.75;

const grown = ({ firstSeconds, longestSeconds }: ReturnRule, receives: number): number =>
  Math.min(longestSeconds, firstSeconds * 2 ** (receives - 1));

/** Whole seconds until a message comes again that was received so often. */
export const secondsUntilBack = (rule: ReturnRule, receives: number, seed: string): number =>
  Math.max(1, Math.round(grown(rule, receives) * (LEAST_PART + (1 - LEAST_PART) * chanceOf(seed))));

/** How long something may be down, at least, before its messages are dead letters. */
export function leastPatienceSeconds(rule: ReturnRule): number {
  let seconds = 0;
  for (let receives = 1; receives <= rule.receives; receives += 1)
    seconds += Math.max(1, Math.round(grown(rule, receives) * LEAST_PART));
  return seconds;
}
