import { parseArgs } from "node:util";
import { print, say } from "#client/printable.ts";
import { scoreReplies, type ReplyScore } from "#core/scoring/score-replies.ts";
import { summarizeScores } from "#core/scoring/score-summary.ts";
import { readRecorded } from "./replay-check/read-recorded.ts";
import { bounds, tooLow } from "./score/bounds.ts";
import { loadScorers } from "./score/load-scorers.ts";

/*
 * npm run score -- FILES --scorers MODULE [--least [NAME=]SCORE]... [--json]: scores every reply of recorded sessions, with the scorers
 * that MODULE exports. Exit code 0, 1 where a scorer's mean is below a --least or it scored nothing, 2 when something cannot be used.
 */

try {
  const options = {
    scorers: { type: "string" },
    least: { type: "string", multiple: true },
    json: { type: "boolean", default: false },
  } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (positionals.length === 0)
    throw new Error("FILES: is missing. Give files of `npm run spine -- export`.");
  if (values.scorers === undefined)
    throw new Error("--scorers: is missing. Give a module that exports scorers, see docs/evaluation.md.");
  const scorers = await loadScorers(values.scorers);
  const least = bounds(values.least ?? [], scorers);
  const scores: ReplyScore[] = [];
  for (const file of positionals) {
    for (const { tenant, session, commits } of await readRecorded(file)) {
      for (const found of await scoreReplies(commits, scorers)) {
        scores.push(found);
        const { scorer, sequence, score, label } = found;
        print(
          values.json
            ? JSON.stringify({ file, tenant, ...found })
            : `${file}: ${tenant}/${session}: event ${sequence}: ${scorer} ${score}${label === undefined ? "" : ` (${label})`}`,
        );
      }
    }
  }
  const summaries = summarizeScores(scores);
  for (const summary of summaries) {
    const { scorer, replies, mean, lowest, labels } = summary;
    const told = Object.entries(labels).map(([label, count]) => `, ${count} ${label}`);
    print(
      values.json
        ? JSON.stringify(summary)
        : `${scorer}: mean ${mean} of ${replies} replies, lowest ${lowest}${told.join("")}`,
    );
  }
  const problems = tooLow(summaries, least);
  for (const problem of problems) say(`score: ${problem}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} catch (error) {
  say(`score: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
