import { spawnSync } from "node:child_process";
import { problemError } from "#core/errors.ts";

/** A Python of this machine. */
export interface PythonInterpreter {
  readonly path: string;
  /** What of it differs from the runtime that the template names. */
  readonly notice?: string;
}

/** Below it there is no runtime of Lambda's that new functions may have. */
const LEAST_MINOR = 10;
const TIMEOUT_MS = 10_000;
/** Behind a name there may be a program that only starts an interpreter: it is asked for its own path. */
const ASK = "import sys; print(sys.executable, *sys.version_info[:2], sep='\\n')";

/** Runs a command, and gives what it printed; nothing where it failed. */
export type RunCommand = (command: string, args: readonly string[]) => string | undefined;

const runCommand: RunCommand = (command, args) => {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8", timeout: TIMEOUT_MS });
  return status === 0 ? stdout : undefined;
};

const known = new Map<string, PythonInterpreter>();

/**
 * The Python that runs functions of a runtime such as `python3.13`: that very version where this machine has it, and otherwise its
 * `python3`. Throws `setting.invalid` where there is none, or one below 3.10. `owner` names the function.
 */
export function pythonInterpreter(owner: string, runtime: string, run = runCommand): PythonInterpreter {
  const before = run === runCommand ? known.get(runtime) : undefined;
  const interpreter = before ?? findInterpreter(owner, runtime, run);
  if (run === runCommand) known.set(runtime, interpreter);
  return interpreter;
}

function findInterpreter(owner: string, runtime: string, run: RunCommand): PythonInterpreter {
  const found = [runtime, "python3"].flatMap((command) => versionIn(run(command, ["-c", ASK])) ?? []);
  const [first] = found;
  if (first === undefined) throw noPython(owner, `${runtime}, and this machine has no python3`);
  const { path, major, minor } = first;
  const version = `${major}.${minor}`;
  if (major !== 3 || minor < LEAST_MINOR)
    throw noPython(owner, `${runtime}, and this machine's python3 is ${version}`);
  if (runtime === `python${version}`) return { path };
  return { path, notice: `runs on Python ${version}; on Lambda it has ${runtime}` };
}

interface Version {
  readonly path: string;
  readonly major: number;
  readonly minor: number;
}

function versionIn(printed: string | undefined): Version | undefined {
  const [path = "", major = "", minor = ""] = printed?.trim().split("\n") ?? [];
  return path === "" ? undefined : { path, major: Number(major), minor: Number(minor) };
}

const noPython = (owner: string, problem: string) =>
  problemError("setting.invalid", {
    field: `${owner}.Runtime`,
    problem: `is ${problem}`,
    repair: `Install Python 3.${LEAST_MINOR} or later, so that \`python3\` starts it.`,
  });
