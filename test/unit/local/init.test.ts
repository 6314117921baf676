import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createProcessPool } from "#local/lambda/process-pool.ts";
import { createLocalClock } from "#local/local-clock.ts";
import { createConcurrency } from "#local/throttling/concurrency-limit.ts";
import { createThrottling } from "#local/throttling/throttling.ts";
import { createTurns } from "#local/turns.ts";

const folder = mkdtempSync(join(tmpdir(), "spine-init-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Hangs in its init, the first time only if `mended` says so. */
const slow = (marker: string, mended: boolean) => `
import { existsSync, writeFileSync } from "node:fs";
const first = !existsSync(${JSON.stringify(marker)});
writeFileSync(${JSON.stringify(marker)}, "");
if (first || !${mended}) await new Promise((wake) => setTimeout(wake, 600_000));
export const handler = async () => "done";`;

async function invokeSlow(name: string, mended: boolean, timeoutMs: number) {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, slow(join(folder, `${name}.marker`), mended));
  const starts: number[] = [];
  const pool = createProcessPool(
    {
      name,
      arn: "arn:f",
      file,
      exportName: "handler",
      environment: {},
      timeoutMs,
      initTimeoutMs: 200,
      memoryMb: 256,
    },
    {
      clock: createLocalClock(),
      maxProcesses: 1,
      concurrency: createConcurrency(createThrottling()),
      starts: createTurns(1),
      enroll: () => undefined,
      onLog: () => undefined,
      onInit: (ms) => void starts.push(ms),
      onError: () => undefined,
    },
  );
  const outcome = await pool.invoke({});
  await pool.stop();
  return { outcome, starts: starts.length };
}

describe("an init that takes longer than Lambda allows", () => {
  it("is run again in the invocation, which then continues", async () => {
    expect(await invokeSlow("mended", true, 30_000)).toEqual({
      outcome: { type: "ok", payload: '"done"' },
      starts: 1,
    });
  });

  it("is limited by the invocation's timeout then, and fails the invocation when it is over", async () => {
    const { outcome, starts } = await invokeSlow("hanging", false, 700);
    expect(starts).toBe(0);
    expect(outcome).toMatchObject({ type: "error", error: { errorType: "Sandbox.Timedout" } });
  });
});
