import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const run = promisify(execFile);
const ROOT = path.join(import.meta.dirname, "..", "..");

describe("the simulator on a broken engine", () => {
  it("finds a broken promise, and shrinks the run to a few steps", async () => {
    const script = path.join(ROOT, "scripts", "sim-mutations.ts");
    const args = [script, "--only", "claim after the effect", "--seeds", "300", "--json"];
    const { stdout } = await run(process.execPath, args, { cwd: ROOT });
    const [finding] = JSON.parse(stdout) as readonly { readonly promise: string; readonly steps: number }[];
    expect(finding?.promise).toBe("Once");
    expect(finding?.steps).toBeGreaterThan(0);
    expect(finding?.steps).toBeLessThanOrEqual(30);
  });
});
