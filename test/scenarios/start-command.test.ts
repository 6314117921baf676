import { spawnSync } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { synthesize } from "#local/synth.ts";
import { childrenOf, isAlive, runScript, startScript, type Ran } from "../support/run-script.ts";

const script = join(import.meta.dirname, "../../scripts/start.ts");
let once: Promise<Ran>;

beforeAll(async () => {
  await synthesize();
  // Most of its time it waits for an agent that it has killed; the other tests run meanwhile.
  once = runScript("start.ts", ["--once", "--json"]);
}, 240_000);

it("explains an invalid option, and exits with 1", async () => {
  expect(await runScript("start.ts", ["--port", "many"])).toEqual({
    status: 1,
    stdout: "",
    stderr: '--port: "many" is not a port. Give a whole number from 0 to 65535.\n',
  });
});

it("reports a used port before anything has happened", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => void other.listen(0, "127.0.0.1", resolve));
  // A TCP server's address is an object.
  const { port } = other.address() as AddressInfo;
  const { status, stdout, stderr } = await runScript("start.ts", ["--port", String(port)]);
  other.close();
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toMatch(/--port: \d+ cannot be used: .*EADDRINUSE.* Give another one with --port/);
});

it("stops everything that it started when it is stopped during its start", async () => {
  const { child, hasPrinted, ended } = startScript("start.ts", ["--once"]);
  await hasPrinted(/created \d+ resources/);
  // Its processes are begun right after it has said so.
  await expect.poll(() => childrenOf(child).length, { timeout: 20_000, interval: 20 }).toBeGreaterThan(0);
  const children = childrenOf(child);
  child.kill("SIGTERM");
  // As a shell says it of a process that the signal has ended.
  expect((await ended).status).toBe(143);
  expect(children.filter(isAlive)).toEqual([]);
});

it("exits quietly when the reader of its output closes the pipe", () => {
  const command = `"${process.execPath}" "${script}" --once | head -n 1`;
  const { stdout, stderr } = spawnSync("sh", ["-c", command], { encoding: "utf8" });
  expect({ stdout, stderr }).toEqual({
    stdout: expect.stringMatching(/^template .*\n$/) as string,
    stderr: "",
  });
});

it("prints one object per session and one for all of them, and nothing else", async () => {
  const { status, stdout, stderr } = await once;
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
  expect(stderr).toMatch(/^First reply \d+ ms after the process started\.$/m);
}, 240_000);
