import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** What it has printed so far. */
  printed(): string;
  /** Resolves when what it has printed matches; rejects when it ends before. */
  hasPrinted(text: RegExp): Promise<string>;
  readonly ended: Promise<Ran>;
}

const pathOf = (script: string): string => join(import.meta.dirname, "../../scripts", script);

export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Starts a command of the project, in a process group of its own as a terminal would. */
export function startScript(script: string, args: readonly string[], { env }: RunOptions = {}): Running {
  const child = spawn(process.execPath, [pathOf(script), ...args], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said.stderr += chunk.toString()));
  const ended = new Promise<Ran>((resolve) => {
    child.once("close", (status) => resolve({ status, ...said }));
  });
  return {
    child,
    ended,
    printed: () => said.stdout,
    hasPrinted: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!text.test(said.stdout)) return;
          child.stdout.off("data", look);
          resolve(said.stdout);
        };
        child.stdout.on("data", look);
        void ended.then(({ stderr }) => reject(new Error(`${script} ended: ${said.stdout}${stderr}`)));
        look();
      }),
  };
}

export const runScript = (script: string, args: readonly string[], options?: RunOptions): Promise<Ran> =>
  startScript(script, args, options).ended;

/** The processes that a process has started and that still run. */
export function childrenOf({ pid = 0 }: ChildProcess): readonly number[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  return lines
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([child = 0, parent]) => (parent === pid ? [child] : []));
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
