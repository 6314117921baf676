import { shareOf, sum, type Share } from "../statistics.ts";
import type { SessionRecord } from "./ledger.ts";

/**
 * What is no incident, and no plain progress either; one session may have several.
 *
 * - *fallback*: a step took what its flow declares for an agent that gave none;
 * - *doubt*: a function began an effect and did not see its end, or the spine's log says that it is in doubt;
 * - *refusal*: a client was told that its message failed.
 */
export const OUTCOMES = ["fallback", "doubt", "refusal"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export type OutcomeCounts = Readonly<Record<Outcome, number>>;
export type OutcomeShares = Readonly<Record<Outcome, Share>>;

/** What the spine's log says of a session, by what its commits' texts hold. */
const IN_LOG: readonly (readonly [string, Outcome])[] = [
  ['"type":"FallbackTaken"', "fallback"],
  ['"type":"EffectInDoubt"', "doubt"],
];

export const outcomesIn = (commit: string): readonly Outcome[] =>
  IN_LOG.filter(([mark]) => commit.includes(mark)).map(([, outcome]) => outcome);

const hasOutcome = ({ outcomes, effectsUnderWay, messages }: SessionRecord, outcome: Outcome): boolean => {
  if (outcomes.has(outcome)) return true;
  if (outcome === "doubt") return effectsUnderWay.size > 0;
  return outcome === "refusal" && [...messages.values()].some(({ answer }) => answer?.type === "refused");
};

/** Sessions with each. */
export const countOutcomes = (records: Iterable<SessionRecord>): OutcomeCounts => {
  const all = [...records];
  return each((outcome) => sum(all, (record) => (hasOutcome(record, outcome) ? 1 : 0)));
};

export const outcomeShares = (
  runs: readonly { readonly sessions: number; readonly outcomes: OutcomeCounts }[],
): OutcomeShares => {
  const sessions = sum(runs, (run) => run.sessions);
  return each((outcome) =>
    shareOf(
      sum(runs, ({ outcomes }) => outcomes[outcome]),
      sessions,
    ),
  );
};

const each = <T>(of: (outcome: Outcome) => T): Readonly<Record<Outcome, T>> => ({
  fallback: of("fallback"),
  doubt: of("doubt"),
  refusal: of("refusal"),
});
