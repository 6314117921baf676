import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { MUTATIONS } from "#simulator/mutations/mutations.ts";

const run = promisify(execFile);
const ROOT = path.join(import.meta.dirname, "..", "..");

describe("a mutation", () => {
  it.each(MUTATIONS.flatMap(({ name, edits }) => edits.map((edit) => [name, edit] as const)))(
    "%s can be made: what it replaces occurs once",
    async (_name, { file, text }) => {
      expect((await readFile(path.join(ROOT, file), "utf8")).split(text)).toHaveLength(2);
    },
  );
});

describe("the simulator on a bad engine", () => {
  it("finds a promise broken, and shrinks the run to a few steps", async () => {
    const script = path.join(ROOT, "scripts", "sim-mutations.ts");
    const args = [script, "--only", "claim after the effect", "--seeds", "300", "--json"];
    const { stdout } = await run(process.execPath, args, { cwd: ROOT });
    const [finding] = JSON.parse(stdout) as readonly { readonly promise: string; readonly steps: number }[];
    expect(finding?.promise).toBe("Once");
    expect(finding?.steps).toBeGreaterThan(0);
    expect(finding?.steps).toBeLessThanOrEqual(30);
  });
});
