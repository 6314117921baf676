import { scoreReplies, type ReplyScore } from "#core/scoring/score-replies.ts";
import type { Scorer } from "#core/scoring/scorer.ts";
import { parseRecordedSession } from "#core/session/recorded-session.ts";

/**
 * Scores every reply of a recorded session: a regression test over sessions of production, or over those that a candidate played. No
 * agent is called. Personal values read as erased where the file was written without them (`redacted`).
 *
 * @param recorded the content of a file that `event-spine export SESSION` wrote, parsed
 * @throws {SpineError} `input.malformed` where it is no such file, `setting.invalid` where a scorer throws or gives no score
 * @example
 * const recorded = JSON.parse(text); // of a file that was exported
 * const scores = await score(recorded, [defineScorer({ name: "answered", scores: ({ reply }) => ({ score: reply.failed ? 0 : 1 }) })]);
 */
export const score = (recorded: unknown, scorers: readonly Scorer[]): Promise<readonly ReplyScore[]> =>
  scoreReplies(parseRecordedSession(recorded).commits, scorers);
