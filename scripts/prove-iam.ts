import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readReports, RIGHTS_FOLDER } from "#local/iam/kept-reports.ts";
import { EXCEPTIONS } from "./prove-iam/exceptions.ts";
import { judge } from "./prove-iam/judge.ts";
import { describeJudgement } from "./prove-iam/describe.ts";
import { SCENARIOS } from "./prove-iam/scenarios.ts";

/*
 * Plays the scenarios of the local runtime and holds what the template's roles may do against what they did: every call must
 * be allowed, and every right used or excepted with a reason. Exit code 0 when that is so, 1 when not, 2 if the arguments
 * cannot be used.
 */

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const VITEST = join(ROOT, "node_modules/vitest/vitest.mjs");
const USAGE = `npm run prove:iam -- [--reports FOLDER]\nWithout a folder it plays the scenarios first; with a folder it judges the reports that an earlier run left there.`;

function play(folder: string): boolean {
  const { status } = spawnSync(process.execPath, [VITEST, "run", "--silent=passed-only", ...SCENARIOS], {
    cwd: ROOT,
    env: { ...process.env, [RIGHTS_FOLDER]: folder },
    stdio: ["ignore", "inherit", "inherit"],
  });
  return status === 0;
}

try {
  const { values } = parseArgs({ options: { reports: { type: "string" } } });
  const folder = values.reports ?? mkdtempSync(join(tmpdir(), "spine-rights-"));
  const played = values.reports !== undefined || play(folder);
  if (!played) console.log("A scenario failed, so the rights that it needs are unknown.");
  const judgement = judge(readReports(folder), EXCEPTIONS);
  console.log(describeJudgement(judgement).join("\n"));
  console.log(`The reports are in ${folder}.`);
  process.exitCode = played && judgement.sound ? 0 : 1;
} catch (error) {
  console.error(`prove:iam: ${error instanceof Error ? error.message : String(error)}`);
  console.error(USAGE);
  process.exitCode = 2;
}
