import { parseArgs } from "node:util";
import { defineApplication } from "#core/flow/compile.ts";
import { decideAgain } from "#core/session/redecide.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { print, say } from "#client/printable.ts";
import { applicationDefinition } from "#application-definition";
import { readRecorded } from "./replay-check/read-recorded.ts";

/*
 * npm run replay-check -- FILES [--json]: decides recorded sessions again with the code and the flows of this working tree, and lists
 * each decision that differs. Exit code 0 when none does, 1 when some do, 2 when a file cannot be used.
 */

try {
  const options = { json: { type: "boolean", default: false } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (positionals.length === 0)
    throw new Error(
      "FILES: is missing. Give files of `npm run spine -- export`, or what `npm run check-log` reads.",
    );
  const application = defineApplication(applicationDefinition, createNodeDigest());
  let [sessions, decisions, differing] = [0, 0, 0];
  for (const file of positionals) {
    for (const { tenant, session, redacted, commits } of await readRecorded(file)) {
      sessions += 1;
      decisions += commits.reduce((sum, { inputs }) => sum + inputs.length, 0);
      for (const { sequence, problem } of decideAgain(commits, application)) {
        differing += 1;
        const about = { file, tenant, session, sequence, problem, redacted };
        print(
          values.json
            ? JSON.stringify(about)
            : `${file}: ${tenant}/${session}: event ${sequence}: ${problem}`,
        );
      }
    }
  }
  const counts = { sessions, decisions, differing };
  print(
    values.json
      ? JSON.stringify(counts)
      : `${sessions} sessions, ${decisions} decisions: ${differing} would be others now`,
  );
  process.exitCode = differing === 0 ? 0 : 1;
} catch (error) {
  say(`replay-check: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
