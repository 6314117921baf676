import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { SessionKey } from "#core/ids.ts";
import type { SessionState } from "#core/session/state.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { createSessionReader } from "#runtime/create-session-reader.ts";
import { openSqliteSessionLog } from "#sqlite/sqlite-session-log.ts";

let folder: string;
let running: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "event-spine-"));
});
afterEach(async () => {
  if (running !== undefined) await end(running, "SIGKILL");
  rmSync(folder, { recursive: true });
});

const script = join(import.meta.dirname, "../../scripts/start.ts");

/** Starts the command and gives its address once it takes events, with all that it printed. */
async function start(file: string): Promise<{ readonly url: string; readonly printed: string }> {
  const child = spawn(process.execPath, [script, "--data", file, "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  running = child;
  let printed = "";
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    printed += String(chunk);
    const url = /listens on (http:\/\/\S+?),/.exec(printed)?.[1];
    if (url !== undefined) return { url, printed };
  }
  throw new Error(`The command ended: ${printed}`);
}

function end(child: ChildProcess, signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
  running = undefined;
  return new Promise((resolve) => {
    child.once("exit", (code) => resolve(code));
    if (child.exitCode !== null || !child.kill(signal)) resolve(child.exitCode);
  });
}

async function post(url: string, body: unknown, wait?: number) {
  const headers = {
    "content-type": "application/json",
    ...(wait !== undefined && { prefer: `wait=${wait}` }),
  };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as unknown };
}

const message = (id: string, text: string) => ({ id, type: "MessageReceived", data: { text } });

/** Every state of a session, read from the file while nobody else has it. */
async function statesIn(file: string, session: string): Promise<readonly SessionState[]> {
  const log = openSqliteSessionLog(file);
  try {
    const reader = createSessionReader({ log, blobs: log.blobs, digest: createNodeDigest() });
    const key = { tenant: "local", session } as SessionKey;
    const { sequence } = await reader.current(key);
    return await Promise.all(Array.from({ length: sequence }, (_, index) => reader.stateAt(key, index + 1)));
  } finally {
    log.close();
  }
}

it("goes on after kill -9 where it was, with the same state at every sequence", async () => {
  const file = join(folder, "spine.db");
  const first = await start(file);
  expect(first.printed).toMatch(/9 sessions, 11 replies, 0 gaps, 0 duplicates, 0 lost/);
  // One session waits for a person, another is in the middle of its work.
  await post(`${first.url}/sessions/asked/events`, message("m1", "Hello there"));
  const asks = async (url: string) =>
    ((await (await fetch(`${url}/sessions/asked/explain`)).json()) as { asks: { answerAt: string }[] }).asks;
  while ((await asks(first.url)).length === 0);
  const booking = message("m1", "Could a plumber come tomorrow morning? The tap is dripping.");
  expect((await post(`${first.url}/sessions/cut/events`, booking)).status).toBe(202);
  if (running !== undefined) await end(running, "SIGKILL");

  const before = { asked: await statesIn(file, "asked"), cut: await statesIn(file, "cut") };
  expect(Object.keys(before.cut.at(-1)?.runs ?? {})).toHaveLength(1);

  const second = await start(file);
  expect(second.printed).toMatch(/holds 11 sessions; 2 of them are unfinished and go on/);
  // The same event again waits for the reply that the first process did not live to give.
  const cut = await post(`${second.url}/sessions/cut/events`, booking, 30);
  expect(cut).toMatchObject({ status: 200, body: { sequence: 1, reply: { body: { status: "settled" } } } });
  const [open] = await asks(second.url);
  const answer = { value: { decision: "answer", note: "We are back." } };
  const asked = await post(second.url + (open?.answerAt ?? ""), answer, 30);
  expect(JSON.stringify(asked)).toMatch(/We are back/);

  for (const [session, states] of Object.entries(before)) {
    for (const state of states) {
      const url = `${second.url}/sessions/${session}/state?at=${state.sequence}`;
      expect(await (await fetch(url)).json()).toEqual(JSON.parse(JSON.stringify(state)));
    }
  }
  if (running !== undefined) expect(await end(running, "SIGTERM")).toBe(0);
});
