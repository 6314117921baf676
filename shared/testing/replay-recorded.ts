import { defineApplication, type ApplicationDefinition } from "#core/flow/compile.ts";
import {
  parseRecordedSession,
  recordedCommit,
  type RecordedSession,
} from "#core/session/recorded-session.ts";
import { RECORDED_FORMAT } from "#core/session/recorded-format.ts";
import { decideAgain, type DecisionDifference } from "#core/session/redecide.ts";
import { sha256Digest } from "./given-when-then.ts";
import { wholeCommits, type ReadableSpine } from "./sessions/whole-commits.ts";

/**
 * Decides a recorded session again with an application as it is today, and returns each decision that differs: a regression test over
 * sessions of production. No agent is called; their recorded answers are the inputs. Each decision is taken on the state that was
 * recorded, so one that differs does not make the ones after it differ.
 *
 * Decisions that stand on personal values differ when the file was written without them (`redacted`).
 *
 * @param recorded the content of a file that `event-spine export SESSION` wrote, parsed
 * @throws {SpineError} `input.malformed` where it is no such file, `flow.invalid` where the application is not valid
 * @example
 * const recorded = JSON.parse(text); // of a file that was exported
 * for (const { sequence, problem } of replay(recorded, { flows: [greeting] })) console.log(sequence, problem);
 */
export function replay(recorded: unknown, application: ApplicationDefinition): readonly DecisionDifference[] {
  return decideAgain(parseRecordedSession(recorded).commits, defineApplication(application, sha256Digest));
}

/**
 * A session of an in-process spine as `event-spine export SESSION --with-personal` would write it: kept as a file, `replay` tells what a
 * later version of the application would decide otherwise.
 *
 * @example
 * const kept = JSON.stringify(await recordSession(spine, "s1"));
 */
export async function recordSession(spine: ReadableSpine, session: string): Promise<RecordedSession> {
  const { tenant } = spine.key(session);
  const commits = (await wholeCommits(spine, session)).map((commit) => recordedCommit(commit, true));
  return { format: RECORDED_FORMAT, tenant, session, redacted: false, commits };
}
