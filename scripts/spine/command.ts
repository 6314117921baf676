import { SPINE_COMMAND } from "#client/spine-command.ts";
import { parseArgs, type ParseArgsConfig } from "node:util";
import { nearest } from "../nearest.ts";
import type { SpineClient } from "#client/client.ts";
import type { Target } from "#client/reaching.ts";
import { readId, readSession } from "./read-values.ts";
import { TARGET_OPTIONS } from "#client/target.ts";
import { UsageError } from "#client/usage-error.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** What a command works with. */
export interface CommandContext {
  readonly client: SpineClient;
  readonly target: Target;
  readonly print: (text: string) => void;
  /** Aborted when the user wants it to stop. */
  readonly stopped: AbortSignal;
  readonly colours: boolean;
}

type ValuesOf<O extends Options> = ReturnType<
  typeof parseArgs<{ options: O; allowPositionals: true; strict: true; args: string[] }>
>["values"];

/** A command as its file describes it. */
export interface CommandDefinition<O extends Options> {
  readonly name: string;
  /** What follows the name, such as `SESSION [--at N]`. */
  readonly usage: string;
  readonly about: string;
  /** The names of what must stand there, and how much may follow. */
  readonly positionals: { readonly required: readonly string[]; readonly more?: number };
  readonly options: O;
  /** Checks everything that needs no spine, and gives what is left to do with one. Throws `UsageError`. */
  prepare(values: ValuesOf<O>, positionals: readonly string[]): (context: CommandContext) => Promise<void>;
}

/** A command that needs no spine, as its file describes it. */
export interface ToolDefinition<O extends Options> extends Omit<CommandDefinition<O>, "prepare"> {
  /** Checks everything that can be checked at once, and gives what is left to do. Throws `UsageError`. */
  prepare(values: ValuesOf<O>, positionals: readonly string[]): (context: ToolContext) => Promise<void>;
}

export type ToolContext = Pick<CommandContext, "print" | "stopped" | "colours">;

/** What a command line asks for. */
export type ParsedCommand =
  | {
      readonly target: ReturnType<typeof parseTarget>;
      readonly run: (context: CommandContext) => Promise<void>;
    }
  | { readonly target: undefined; readonly run: (context: ToolContext) => Promise<void> };

/** A command, ready for any arguments. */
export interface Command {
  readonly name: string;
  readonly usage: string;
  readonly about: string;
  parse(args: readonly string[]): ParsedCommand;
}

/** Makes a command of its description; it takes the options that say which spine is meant as well. */
export function defineCommand<const O extends Options>(definition: CommandDefinition<O>): Command {
  const { name, usage, about } = definition;
  return {
    name,
    usage,
    about,
    parse(args) {
      const { values, positionals } = readArguments(definition, args, TARGET_OPTIONS);
      // Parsed by the command's own options and no others than the target's.
      const run = definition.prepare(values as ValuesOf<O>, positionals);
      return { target: parseTarget(values), run };
    },
  };
}

/** Makes a command of its description that works without a spine. */
export function defineTool<const O extends Options>(definition: ToolDefinition<O>): Command {
  const { name, usage, about } = definition;
  return {
    name,
    usage,
    about,
    parse(args) {
      const { values, positionals } = readArguments(definition, args, {});
      // Parsed by these options and no others.
      return { target: undefined, run: definition.prepare(values as ValuesOf<O>, positionals) };
    },
  };
}

type Described = Pick<CommandDefinition<Options>, "name" | "usage" | "positionals" | "options">;

/** The options and positionals of a command, or a `UsageError` with a repair. */
function readArguments(
  { name, usage, positionals: expected, options }: Described,
  args: readonly string[],
  further: Options,
) {
  const { values, positionals } = parseStrictly(args, { ...options, ...further }, name);
  const missing = expected.required[positionals.length];
  const call = `${SPINE_COMMAND} ${name} ${usage}`;
  if (missing !== undefined) throw new UsageError(`${missing}: is missing. Call ${call}`);
  const extra = positionals[expected.required.length + (expected.more ?? 0)];
  if (extra !== undefined) throw new UsageError(`"${extra}": unexpected argument. Call ${call}`);
  for (const [at, positional] of expected.required.entries())
    if (positional === "SESSION") readSession(positional, positionals[at] ?? "");
  const { id } = values as { readonly id?: unknown }; // of the commands that take one
  if (typeof id === "string") readId("--id", id);
  return { values, positionals };
}

function parseStrictly(args: readonly string[], options: Options, name: string) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    const [, unknown] = /^Unknown option '(--[^']+)'/.exec(problem) ?? [];
    const known = Object.keys(options).map((option) => `--${option}`);
    if (unknown !== undefined) {
      const meant = nearest(unknown, known);
      const repair = meant === undefined ? `Use one of ${known.join(", ")}` : `Did you mean ${meant}?`;
      throw new UsageError(`${name}: unknown option ${unknown}. ${repair}`, { cause });
    }
    throw new UsageError(`${name}: ${problem.replace(/\.$/, "")}. See ${SPINE_COMMAND} --help`, { cause });
  }
}

function parseTarget(values: Readonly<Record<string, unknown>>) {
  const text = (field: keyof typeof TARGET_OPTIONS): string | undefined => {
    const value = values[field];
    if (typeof value !== "string") return undefined;
    if (value.trim() !== "") return value;
    throw new UsageError(`--${field}: is empty. Give a value or leave it out.`);
  };
  return {
    file: text("file"),
    local: text("local"),
    ingress: text("ingress"),
    prefix: text("prefix"),
    region: text("region"),
  };
}
