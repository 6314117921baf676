#!/usr/bin/env node
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { beginApplication, planApplication } from "./begin-application.js";

/*
 * npm create event-spine@latest my-app: begins an application in a new folder. Exit code 2 when it cannot be begun, and then nothing has been
 * written; 1 when its packages could not be installed.
 */

const USAGE = `npm create event-spine@latest FOLDER [-- options]

Begins an application on Event Spine in a new or empty folder, and installs its packages.

  --no-install        leaves the packages to you
  --event-spine SPEC  another version of event-spine, or a file of it
  --help              prints this text`;

/** Whatever called this: npm, pnpm, yarn or bun. */
const packageManager = () =>
  /^(npm|pnpm|yarn|bun)\//.exec(process.env.npm_config_user_agent ?? "")?.[1] ?? "npm";

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        "no-install": { type: "boolean", default: false },
        "event-spine": { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    return { problem: error.message };
  }
}

function fail(problems) {
  for (const { field, problem, repair } of problems)
    process.stderr.write(`create-event-spine: ${field}: ${problem}. ${repair}\n`);
  process.exit(2);
}

const { values, positionals, problem } = readArguments();
if (problem !== undefined)
  fail([{ field: "options", problem: problem.split(". ")[0], repair: "See --help." }]);
if (values.help) {
  console.log(USAGE);
  process.exit();
}

const plan = planApplication({
  folder: positionals[0],
  extra: positionals.slice(1),
  eventSpine: values["event-spine"],
  node: process.versions.node,
});
if (plan.problems.length > 0) fail(plan.problems);
beginApplication(plan);

const manager = packageManager();
const installs = !values["no-install"];
const installed = installs
  ? spawnSync(manager, ["install"], {
      cwd: plan.path,
      stdio: ["ignore", "inherit", "inherit"],
      shell: process.platform === "win32",
    })
  : undefined;

console.log(`
${plan.name} is in ${plan.folder}:

  spine.ts            the application: agents, flows, events
  agents/hello.ts     an agent: what it reads and answers, and its code
  test/hello.test.ts  its test

Go on with:
${plan.folder === "." ? "" : `\n  cd ${plan.folder}`}${installed?.status === 0 ? "" : `\n  ${manager} install`}
  npm run dev                     runs it; what you save is live at once
  npm test                        runs the tests
  npx event-spine add agent NAME  adds an agent, with a test and a line in the flow
  npx event-spine add aws         adds what it takes to deploy it
`);
if (installs && installed?.status !== 0) {
  process.stderr.write(
    `create-event-spine: install: ${manager} install failed. Run it again in ${plan.folder}.\n`,
  );
  process.exitCode = 1;
}
