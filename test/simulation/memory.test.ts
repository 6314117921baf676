import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const run = promisify(execFile);

/** A run that something holds takes some 90,000; what a heap changes by of itself is a fifth of this. */
const MOST_BYTES_A_SEED = 20_000;

it("a seed leaves nothing in memory when it is over", { timeout: 240_000 }, async () => {
  const script = path.join(import.meta.dirname, "heap-of-seeds.ts");
  const { stdout } = await run(process.execPath, ["--expose-gc", script]);
  const { seeds, first, last } = JSON.parse(stdout) as Record<"seeds" | "first" | "last", number>;
  expect((last - first) / seeds).toBeLessThan(MOST_BYTES_A_SEED);
});
