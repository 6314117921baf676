import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import * as z from "zod/mini";
import { IN_REPOSITORY, projectRoot, workFolder } from "#node/own-files.ts";
import { TargetError } from "./usage-error.ts";

const runningSpine = z.object({
  /** The HTTP server for this machine. */
  url: z.string(),
  /** The ingress' function URL, which wants to know by SigV4 who calls. */
  ingressUrl: z.string(),
  /** The URL that streams events, which wants to know the same. */
  streamUrl: z.optional(z.string()),
  prefix: z.string(),
  pid: z.number(),
  /** All of it is one process: there are no functions that could be called beside the API. */
  inProcess: z.optional(z.literal(true)),
  /** Endpoints and credentials for clients of the SDK. */
  environment: z.record(z.string(), z.string()),
});

/** A spine that runs on this machine: what others need to find it. */
export type RunningSpine = Readonly<z.infer<typeof runningSpine>>;

/** Where the package is installed, it is the folder that `event-spine dev` keeps sessions in. */
const HERE = IN_REPOSITORY ? workFolder("local") : join(projectRoot(), ".event-spine");

const START = IN_REPOSITORY ? "npm start" : "npx event-spine dev";

/** The folder where a spine says that it runs: the one of its data, so that several are told apart. */
export const localFolder = (data: string | undefined): string => data ?? HERE;

const fileIn = (folder: string): string => join(folder, "running.json");

/** Spines whose data lie elsewhere leave word here, so that they are found without `--local`. */
const elsewhere = (home: string): string => join(home, "elsewhere");

/** Says that a spine runs. */
export function announce(folder: string, running: RunningSpine, home = HERE): void {
  write(folder, running);
  if (resolve(folder) === resolve(home)) return;
  mkdirSync(elsewhere(home), { recursive: true });
  writeFileSync(join(elsewhere(home), String(running.pid)), resolve(folder));
}

function write(folder: string, running: RunningSpine): void {
  const file = fileIn(folder);
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${running.pid}`;
  // Whoever reads it may do anything.
  writeFileSync(draft, JSON.stringify(running, undefined, 2), { mode: 0o600 });
  renameSync(draft, file);
}

/** Takes the word back, unless another process has said so since. */
export function withdraw(folder: string, pid: number, home = HERE): void {
  rmSync(join(elsewhere(home), String(pid)), { force: true });
  const file = fileIn(folder);
  if (existsSync(file) && read(file)?.pid === pid) rmSync(file);
}

/**
 * The spine that runs on this machine: the one whose data lie in the folder, or without one the one that keeps none, or the only
 * other. Throws `TargetError` where there is none, or where only the user can say which.
 */
export function findRunning(folder: string | undefined, home = HERE): RunningSpine {
  const file = fileIn(folder ?? home);
  const found = existsSync(file) ? read(file) : undefined;
  if (found !== undefined && isAlive(found.pid)) return found;
  const others = foldersElsewhere(home).filter((other) => other !== resolve(folder ?? home));
  const running = others.flatMap((other) => {
    const one = read(fileIn(other));
    return one !== undefined && isAlive(one.pid) ? [{ folder: other, one }] : [];
  });
  const [only] = running;
  if (folder === undefined && only !== undefined && running.length === 1) return only.one;
  const names = running.map((other) => `--local ${other.folder}`).join(", ");
  if (folder === undefined && running.length > 1)
    throw new TargetError(`Several spines run on this machine. Choose one of: ${names}.`);
  throw new TargetError(`${nobody(file, found)}${names === "" ? "" : ` Running: ${names}.`}`);
}

function nobody(file: string, found: RunningSpine | undefined): string {
  return found === undefined
    ? `No spine runs on this machine. Start one with \`${START}\`, or name a deployed one with --prefix and --region.`
    : `The spine of process ${found.pid} ended without removing ${file}. Start it again with \`${START}\`.`;
}

function foldersElsewhere(home: string): readonly string[] {
  const folder = elsewhere(home);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .toSorted();
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
