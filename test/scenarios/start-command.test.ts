import { spawnSync } from "node:child_process";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, it } from "vitest";

const script = join(import.meta.dirname, "../../scripts/start.ts");
const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, [script, ...args], { encoding: "utf8", timeout: 50_000 });

it("prints one object per session and one for all of them, and nothing else", () => {
  const { status, stdout } = run("--once", "--json");
  const objects = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, number>);
  const sessions = objects.slice(0, -1);
  expect(status).toBe(0);
  expect(objects.at(-1)).toEqual({ sessions: 9, replies: 11, gaps: 0, duplicates: 0, lost: 0 });
  expect(sessions).toHaveLength(9);
  for (const one of sessions) {
    expect(Object.keys(one)).toEqual(["session", "events", "firstSequence", "lastSequence", "replies", "ms"]);
    expect(one).toMatchObject({ firstSequence: 1, lastSequence: one["events"] });
  }
});

it("ends quietly when whoever reads has seen enough", () => {
  const command = `"${process.execPath}" "${script}" --once --json | head -n 1`;
  const { stdout, stderr } = spawnSync("sh", ["-c", command], { encoding: "utf8", timeout: 50_000 });
  expect(JSON.parse(stdout)).toMatchObject({ session: "sample-booking" });
  expect(stderr).not.toContain("EPIPE");
});

it("says what is wrong with an option, and ends with 1", () => {
  const { status, stderr } = run("--port", "many");
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: '--port: "many" is no port. Give a whole number from 0 to 65535.\n',
  });
});

it("says that a port is taken before anything has happened", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => void other.listen(0, "127.0.0.1", resolve));
  // A TCP server's address is an object.
  const { port } = other.address() as AddressInfo;
  const { status, stdout, stderr } = run("--port", String(port));
  other.close();
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toMatch(/--port: \d+ cannot be used: .*EADDRINUSE.* Give another one with --port/);
});
