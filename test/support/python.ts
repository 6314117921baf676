import { execFileSync, spawnSync } from "node:child_process";

/** Set by `.ci/run`: there, a test that needs Python fails where it is missing. */
const NEEDED = process.env["SPINE_NEEDS_PYTHON"] === "1";

const answer = spawnSync("python3", ["-c", "import sys; print(sys.version_info[:2] >= (3, 10))"], {
  encoding: "utf8",
});

/** Whether tests that run Python are run; where they are not, it says why. */
export const RUNS_PYTHON = answer.stdout === "True\n" || NEEDED;
if (!RUNS_PYTHON)
  console.warn("python3 of version 3.10 or later is not there: no agent in Python is tested.");

/** Runs a program with modules of these folders, and gives what it printed. */
export function python(program: string, folders: readonly string[], input = ""): string {
  return execFileSync("python3", ["-B", "-c", program], {
    env: { ...process.env, PYTHONPATH: folders.join(":"), PYTHONWARNINGS: "error" },
    input,
    // What it says of a failure stands in the error.
    stdio: "pipe",
    encoding: "utf8",
  });
}
