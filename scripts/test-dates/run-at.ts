import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { environmentAt, type TestClock } from "./clocks.ts";

export interface TestRun {
  readonly clock: TestClock;
  readonly passed: boolean;
  readonly output: string;
  readonly ms: number;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const VITEST = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));

/** Runs tests at a clock. What ends without a failed test and without a passed one has not passed. */
export function runAt(clock: TestClock, args: readonly string[]): Promise<TestRun> {
  const started = performance.now();
  const child = spawn(process.execPath, [VITEST, "run", "--reporter=dot", "--silent=passed-only", ...args], {
    cwd: ROOT,
    env: environmentAt(clock, { ...process.env, NO_COLOR: "1" }, Date.now()),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => said.push(chunk));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      const output = Buffer.concat(said).toString("utf8");
      const passed = code === 0 && /^ *Tests +\d+ passed/m.test(output);
      resolve({ clock, passed, output, ms: performance.now() - started });
    });
  });
}
