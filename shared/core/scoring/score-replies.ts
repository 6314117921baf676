import { messageOf } from "../errors.ts";
import { checkScore, wrongScore } from "./check-score.ts";
import type { Commit } from "../session/commit.ts";
import { scoredCases } from "./scored-cases.ts";
import type { Score, ScoredCase, Scorer } from "./scorer.ts";

/** One scorer's score of one reply. */
export interface ReplyScore extends Score {
  readonly scorer: string;
  readonly session: string;
  /** Of the reply. */
  readonly sequence: number;
}

/**
 * Every reply of a session by every scorer, in order. A reply in a fork to what its origin was sent has no input here, and is left out.
 *
 * @throws {SpineError} `setting.invalid` where a scorer throws, or gives no score from 0 to 1: a gate must not pass for a broken scorer
 * @example
 * const answered = defineScorer({ name: "answered", scores: ({ reply }) => ({ score: reply.failed ? 0 : 1 }) });
 * console.log(await scoreReplies(await spine.reader.allCommits(spine.key("one")), [answered]));
 */
export async function scoreReplies(
  commits: readonly Pick<Commit, "session" | "events">[],
  scorers: readonly Scorer[],
): Promise<readonly ReplyScore[]> {
  const session = commits[0]?.session ?? "";
  const scores: ReplyScore[] = [];
  for (const of of scoredCases(commits)) {
    for (const scorer of scorers) {
      const found = await scoreOf(scorer, of, session);
      if (found !== undefined)
        scores.push({ scorer: scorer.name, session, sequence: of.reply.sequence, ...found });
    }
  }
  return scores;
}

async function scoreOf(scorer: Scorer, of: ScoredCase, session: string): Promise<Score | undefined> {
  const field = `${scorer.name} of ${session} ${of.reply.sequence}`;
  let given: Score | undefined;
  try {
    given = await scorer.scores(of);
  } catch (error) {
    throw wrongScore(field, `threw: ${messageOf(error)}`);
  }
  return checkScore(scorer, given, field);
}
