import type { KeptScore } from "#core/scoring/kept-score.ts";
import { isoTime } from "#core/session/iso-time.ts";
import { summarizeScores } from "#core/scoring/score-summary.ts";
import { defineCommand } from "../command.ts";
import { table } from "../tables.ts";

/** Prints what scorers said of a session's replies. */
export const scores = defineCommand({
  name: "scores",
  usage: "SESSION [--json]",
  about: "prints what scorers said of the session's replies, and each scorer's mean",
  positionals: { required: ["SESSION"] },
  options: { json: { type: "boolean", default: false } },
  prepare({ json }, [session = ""]) {
    return async ({ client, print }) => {
      const found = await client.scores(session);
      if (json) return print(JSON.stringify(found, undefined, 2));
      if (found.length === 0) return print("No reply has a score so far.");
      print(table(found.map(cellsOf)).join("\n"));
      for (const { scorer, mean, replies } of summarizeScores(found.map((one) => ({ ...one, session }))))
        print(`${scorer}: ${mean} in the mean of ${replies === 1 ? "1 reply" : `${replies} replies`}`);
    };
  },
});

const cellsOf = ({ sequence, scorer, version, score, label, time }: KeptScore): readonly string[] => [
  `#${sequence}`,
  version === undefined ? scorer : `${scorer} ${version}`,
  String(score),
  label ?? "",
  isoTime(time),
];
