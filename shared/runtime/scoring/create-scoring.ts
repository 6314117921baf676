import { problemError } from "#core/errors.ts";
import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import { checkScore, wrongScore } from "#core/scoring/check-score.ts";
import { scoreOrder, type KeptScore } from "#core/scoring/kept-score.ts";
import { scoredCases } from "#core/scoring/scored-cases.ts";
import { defineScorer, type Score, type ScoredCase, type Scorer } from "#core/scoring/scorer.ts";
import { recordedCommit } from "#core/session/recorded-session.ts";
import type { SessionAdvanced } from "#core/session/task-messages.ts";
import type { Clock } from "#ports/clock.ts";
import type { Scores } from "#ports/scores.ts";
import type { SessionLog } from "#ports/session-log.ts";
import { readBeforeReply } from "./read-before-reply.ts";

export interface ScoringPorts {
  readonly log: SessionLog;
  readonly scores: Pick<Scores, "put">;
  readonly clock: Pick<Clock, "alarm">;
  /** Reads what is kept, where that costs little: a scorer is not asked for a reply that it has scored. @default it may be asked again */
  readonly known?: Pick<Scores, "read">;
}

/**
 * Scores the replies of one published commit until `until`, ms, and gives what went wrong: such a commit is to come again. Throws where
 * its session cannot be read.
 */
export type ScorePublished = (
  key: SessionKey,
  advance: Pick<SessionAdvanced, "first" | "last" | "time" | "types">,
  until: number,
) => Promise<readonly unknown[]>;

const MOST_SCORERS = 20;
const MOST_KNOWN = 1_000;

/**
 * Lets scorers score replies that are committed, apart from their sessions. What a scorer fails on costs no other scorer and no other
 * reply a score. Scorers read personal values as erased, and nothing that they throw is quoted.
 *
 * @throws {SpineError} `setting.invalid` where there are no scorers or too many, or where two have one name
 */
export function createScoring(scorers: readonly Scorer[], ports: ScoringPorts): ScorePublished {
  const { log, scores, clock, known } = ports;
  checkScorers(scorers);

  return async (key, advance, until) => {
    if (!advance.types.includes("ReplySent")) return [];
    const commits = await readBeforeReply(log, key, advance);
    const cases = scoredCases(commits.map((commit) => recordedCommit(commit, false)));
    const meant = cases.filter(({ reply }) => reply.sequence >= advance.first);
    const isKnown = known === undefined ? () => false : await knownIn(known, key, advance.first);
    const alarm = clock.alarm(until, { background: true });
    const scoreOne = async (scorer: Scorer, of: ScoredCase): Promise<void> => {
      const { sequence } = of.reply;
      if (isKnown(sequence, scorer)) return;
      const field = `${scorer.name} of ${sessionKeyText(key)} ${sequence}`;
      const score = checkScore(scorer, await answerOf(scorer, of, field, alarm.signal), field);
      if (score !== undefined) await scores.put(key, kept(scorer, score, sequence, advance.time));
    };
    try {
      const all = meant.flatMap((of) => scorers.map((scorer) => scoreOne(scorer, of)));
      const outcomes = await Promise.allSettled(all);
      return outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
    } finally {
      alarm.cancel();
    }
  };
}

/** Without a label where the scorer declares none: what is kept holds no free text. */
function kept(
  { name, version, labels }: Scorer,
  { score, label }: Score,
  sequence: number,
  time: number,
): KeptScore {
  return {
    sequence,
    scorer: name,
    ...(version !== undefined && { version }),
    score,
    ...(label !== undefined && labels !== undefined && { label }),
    time,
  };
}

/** Its error is named and not quoted: it may hold what a person said. */
async function answerOf(
  scorer: Scorer,
  of: ScoredCase,
  field: string,
  late: AbortSignal,
): Promise<Score | undefined> {
  const isLate = new Promise<never>((_, reject) => {
    const fail = (): void => reject(wrongScore(field, "did not come in time"));
    if (late.aborted) fail();
    else late.addEventListener("abort", fail, { once: true });
  });
  try {
    return await Promise.race([isLate, Promise.resolve().then(() => scorer.scores(of))]);
  } catch (error) {
    if (late.aborted) throw error;
    throw wrongScore(field, `threw ${error instanceof Error ? error.name : "no error"}`);
  }
}

async function knownIn(
  known: Pick<Scores, "read">,
  key: SessionKey,
  first: number,
): Promise<(sequence: number, scorer: Scorer) => boolean> {
  const after = scoreOrder({ sequence: first, scorer: "" });
  const found = new Set((await known.read(key, { after, limit: MOST_KNOWN })).map(scoreOrder));
  return (sequence, { name }) => found.has(scoreOrder({ sequence, scorer: name }));
}

function checkScorers(scorers: readonly Scorer[]): void {
  for (const scorer of scorers) defineScorer(scorer);
  const names = scorers.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined)
    throw problemError("setting.invalid", {
      field: "scorers",
      problem: `has "${twice}" twice`,
      repair: "Give each scorer a name of its own.",
    });
  if (scorers.length > 0 && scorers.length <= MOST_SCORERS) return;
  throw problemError("setting.invalid", {
    field: "scorers",
    problem: scorers.length === 0 ? "is empty" : `has ${scorers.length} scorers`,
    repair: `Give 1 to ${MOST_SCORERS}.`,
  });
}
