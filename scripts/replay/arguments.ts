import { parseArgs } from "node:util";
import { canHoldTraces } from "#local/traces/can-hold-traces.ts";
import type { ReplayOptions } from "./replay.ts";

/** What the command line asks for. */
export interface Arguments {
  readonly dir: string;
  readonly json: boolean;
  /** File that takes the log and the list of what was sent. */
  readonly dump?: string;
  /** The spine in this process in place of the local runtime. */
  readonly inProcess: boolean;
  readonly options: ReplayOptions;
}

export const USAGE =
  "npm run replay -- DIR [--sessions N] [--rush] [--duplicates P] [--seed N] [--kill N] [--throttle N] [--json] [--dump FILE] [--traces FILE] [--in-process [--break dedup]]";

const OPTIONS = {
  sessions: { type: "string", default: "8" },
  rush: { type: "boolean", default: false },
  duplicates: { type: "string", default: "0" },
  seed: { type: "string", default: "1" },
  json: { type: "boolean", default: false },
  dump: { type: "string" },
  traces: { type: "string" },
  kill: { type: "string" },
  throttle: { type: "string" },
  "in-process": { type: "boolean", default: false },
  break: { type: "string" },
} as const;

/** Reads a command line. The error of an unusable one names the option, the problem and the repair. */
export function readArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const [dir, ...rest] = positionals;
  if (dir === undefined || rest.length > 0)
    throw new Error(
      `DIR: expected one folder, got ${positionals.length}. Give the folder that holds the dialogue files.`,
    );
  if (values.break !== undefined && values.break !== "dedup")
    throw new Error(`--break: unknown value "${values.break}". Use --break dedup.`);
  const inProcess = values["in-process"];
  if (values.break !== undefined && !inProcess)
    throw new Error(
      "--break: the local runtime runs the functions that are deployed, and cannot change them. Add --in-process.",
    );
  if (values.kill !== undefined && inProcess)
    throw new Error("--kill: with --in-process there is only this process. Leave out --in-process.");
  if (values.traces !== undefined && inProcess)
    throw new Error("--traces: with --in-process no function records spans. Leave out --in-process.");
  if (values.traces !== undefined && !canHoldTraces(values.traces))
    throw new Error(
      `--traces: "${values.traces}" cannot be written. Give the path of a file in a folder that exists.`,
    );
  if (values.throttle !== undefined && inProcess)
    throw new Error("--throttle: with --in-process nothing calls AWS. Leave out --in-process.");
  const isWhole = (value: number) => Number.isInteger(value) && value >= 1;
  const isShare = (value: number) => value >= 0 && value <= 1;
  return {
    dir,
    json: values.json,
    inProcess,
    ...(values.dump !== undefined && { dump: values.dump }),
    options: {
      sessions: numeric("--sessions", values.sessions, isWhole, "a whole number from 1"),
      rush: values.rush,
      duplicates: numeric("--duplicates", values.duplicates, isShare, "a share from 0 to 1"),
      seed: numeric("--seed", values.seed, Number.isInteger, "a whole number"),
      ...(values.kill !== undefined && {
        kill: numeric("--kill", values.kill, isWhole, "a whole number from 1"),
      }),
      ...(values.traces !== undefined && { traces: values.traces }),
      ...(values.throttle !== undefined && {
        throttle: numeric("--throttle", values.throttle, Number.isInteger, "a whole number"),
      }),
      ...(values.break !== undefined && { broken: values.break }),
    },
  };
}

function numeric(option: string, text: string, isRight: (value: number) => boolean, what: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (isRight(value)) return value;
  throw new Error(`${option}: "${text}" is not ${what}. Give ${what}.`);
}
