import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod/mini";
import { TargetError } from "./usage-error.ts";

const runningSpine = z.object({
  /** The HTTP server for this machine. */
  url: z.string(),
  /** The ingress' function URL, which wants to know by SigV4 who calls. */
  ingressUrl: z.string(),
  prefix: z.string(),
  pid: z.number(),
  /** Endpoints and credentials for clients of the SDK. */
  environment: z.record(z.string(), z.string()),
});

/** A spine that runs on this machine: what others need to find it. */
export type RunningSpine = Readonly<z.infer<typeof runningSpine>>;

const HERE = fileURLToPath(new URL("../../.build/local", import.meta.url));

/** The folder where a spine says that it runs: the one of its data, so that several are told apart. */
export const localFolder = (data: string | undefined): string => data ?? HERE;

const fileIn = (folder: string): string => join(folder, "running.json");

/** Says that a spine runs. */
export function announce(folder: string, running: RunningSpine): void {
  const file = fileIn(folder);
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${running.pid}`;
  // Whoever reads it may do anything.
  writeFileSync(draft, JSON.stringify(running, undefined, 2), { mode: 0o600 });
  renameSync(draft, file);
}

/** Takes the word back, unless another process has said so since. */
export function withdraw(folder: string, pid: number): void {
  const file = fileIn(folder);
  if (existsSync(file) && read(file)?.pid === pid) rmSync(file);
}

/** The spine that runs on this machine. */
export function findRunning(folder: string): RunningSpine {
  const file = fileIn(folder);
  const found = existsSync(file) ? read(file) : undefined;
  if (found === undefined) {
    throw new TargetError(
      "No spine runs on this machine. Start one with `npm start`, or name a deployed one with --prefix and --region.",
    );
  }
  if (!isAlive(found.pid)) {
    throw new TargetError(
      `The spine of process ${found.pid} has ended without saying so (${file}). Start it again with \`npm start\`.`,
    );
  }
  return found;
}

function read(file: string): RunningSpine | undefined {
  try {
    return runningSpine.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process is alive as well.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
