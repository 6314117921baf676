import { fork, spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { FunctionConfig } from "./lambda-function.ts";
import { processFile } from "./process-file.ts";

type Environment = Readonly<Record<string, string>>;

/** Whoever moves the clock of this process by an option of Node moves that of its functions: signatures tell when they were made. */
const { NODE_OPTIONS } = process.env;
const OWN_OPTIONS = NODE_OPTIONS === undefined ? {} : { NODE_OPTIONS };
const PYTHON_PROCESS = join(import.meta.dirname, "python-process.py");
/** Without packages that only this machine has, without compiled files among the function's own, without a buffer before its log. */
const PYTHON_OPTIONS = ["-S", "-s", "-B", "-u", "-X", "utf8"];
/** Python speaks to its parent over the same channel, in lines of JSON. */
const CHANNEL = { stdio: ["ignore", "pipe", "pipe", "ipc"], serialization: "json" } as const;

/** Starts the process of a function, in this environment and no other. */
export function startProcess(config: FunctionConfig, environment: Environment): ChildProcess {
  const { file, exportName, memoryMb, python } = config;
  if (python === undefined)
    return fork(processFile(), [file, exportName], {
      ...CHANNEL,
      stdio: [...CHANNEL.stdio],
      env: { ...environment, ...OWN_OPTIONS },
      execArgv: [`--max-old-space-size=${memoryMb}`],
    });
  const { interpreter, folder, handler } = python;
  return spawn(interpreter, [...PYTHON_OPTIONS, PYTHON_PROCESS, folder, handler], {
    ...CHANNEL,
    stdio: [...CHANNEL.stdio],
    env: { ...environment, LAMBDA_TASK_ROOT: folder },
  });
}
