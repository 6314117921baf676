import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { IgnoreMode, Stack } from "aws-cdk-lib";
import { Code, RuntimeFamily, type Runtime } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { problemError, type SpineError } from "#core/errors.ts";
import { CodeLeftOut } from "./bundle.ts";

/** A program in Python: a folder that is deployed as it is, with all modules that it imports beside the standard library and boto3. */
export interface PythonEntry {
  readonly folder: string;
  /** `module.function`. */
  readonly handler: string;
  readonly runtime: Runtime;
}

/** What an agent's properties say of its program. */
export interface AgentProgram {
  readonly entry: string;
  readonly runtime?: Runtime | undefined;
  readonly handler?: string | undefined;
}

/** No part of a program, whoever made it. */
const LEFT_OUT = [
  "__pycache__/",
  "*.pyc",
  "*.egg-info/",
  ".venv/",
  "venv/",
  ".mypy_cache/",
  ".pytest_cache/",
];
const LEAST_PYTHON = /^python3\.(\d+)$/;
const LEAST_MINOR = 10;

/** A folder as an asset: nothing is compiled, downloaded or run. */
export function pythonCode(scope: Construct, { folder }: PythonEntry): Code {
  // `cdk ls`, `cdk destroy` and the like need the stack's shape, not its code.
  if (!Stack.of(scope).bundlingRequired) return new CodeLeftOut(folder);
  return Code.fromAsset(folder, { exclude: LEFT_OUT, ignoreMode: IgnoreMode.GIT });
}

/**
 * The program of an agent: a module of Node, or with a runtime of Python its folder and handler. Throws `setting.invalid` for what does
 * not fit together, and for a handler that the folder has not. `owner` names the agent.
 */
export function agentEntry(owner: string, { entry, runtime, handler }: AgentProgram): string | PythonEntry {
  if (runtime === undefined) {
    if (handler === undefined) return entry;
    throw refused(owner, "handler", "is given without a runtime", "Leave it out: `entry` exports `handler`.");
  }
  const minor = Number(LEAST_PYTHON.exec(runtime.name)?.[1] ?? 0);
  if (runtime.family !== RuntimeFamily.PYTHON || minor < LEAST_MINOR)
    throw refused(
      owner,
      "runtime",
      `is ${runtime.name}`,
      `Give one of Python from 3.${LEAST_MINOR}, leave it out for an agent in TypeScript, or give a function of your own as \`function\`.`,
    );
  return pythonEntry(owner, { folder: entry, handler: handler ?? "", runtime });
}

function pythonEntry(owner: string, program: PythonEntry): PythonEntry {
  const { folder, handler } = program;
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw refused(
      owner,
      "entry",
      `is ${folder}, which is no folder`,
      "Name the folder of the agent's modules.",
    );
  const dot = handler.lastIndexOf(".");
  if (dot < 1 || dot === handler.length - 1)
    throw refused(
      owner,
      "handler",
      handler === "" ? "is missing" : `is "${handler}"`,
      'Give "module.function", such as "agent.handler".',
    );
  const module = join(folder, handler.slice(0, dot).replaceAll(".", "/"));
  if (existsSync(`${module}.py`) || existsSync(join(module, "__init__.py"))) return program;
  throw refused(
    owner,
    "handler",
    `is "${handler}", but there is no ${module}.py`,
    "Name a module of the folder.",
  );
}

const refused = (owner: string, property: string, problem: string, repair: string): SpineError =>
  problemError("setting.invalid", { field: `${owner}.${property}`, problem, repair });
