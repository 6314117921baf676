import { isSpineError } from "#core/errors.ts";
import { nearest } from "./nearest.ts";
import { print, say } from "#client/printable.ts";
import { ApiError } from "#client/api-error.ts";
import { createSpineClient } from "#client/client.ts";
import { commandFirst } from "./spine/command-first.ts";
import { COMMANDS } from "./spine/commands.ts";
import type { Target } from "#client/reaching.ts";
import { findTarget } from "#client/target.ts";
import { TargetError, UsageError } from "#client/usage-error.ts";
import { usage } from "./spine/usage.ts";

/*
 * Talks to a spine: the one that `npm start` runs on this machine, or a deployed one. Exit code 2 when the command line
 * cannot be used, 1 when the spine refuses or cannot be reached.
 */

async function main(given: readonly string[]): Promise<void> {
  const [name, ...args] = commandFirst(given);
  if (name === undefined || name === "--help" || name === "-h" || name === "help")
    return print(usage(COMMANDS));
  const command = COMMANDS.find((one) => one.name === name);
  if (command === undefined) {
    const names = COMMANDS.map((one) => one.name);
    const meant = nearest(name, names);
    const repair = meant === undefined ? `Use one of ${names.join(", ")}.` : `Did you mean ${meant}?`;
    throw new UsageError(`"${name}": unknown command. ${repair}`);
  }
  if (args.includes("--help")) return print(usage([command]));
  const parsed = command.parse(args);
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.abort());
  const own = { print, stopped: stopping.signal, colours: process.stdout.isTTY };
  if (parsed.target === undefined) return parsed.run(own);
  const { file } = parsed.target;
  const target = await (file === undefined ? findTarget(parsed.target) : fileOf(file));
  await parsed.run({ ...own, client: createSpineClient(target.call, target), target });
}

/** Loaded by whoever asks for it: most commands need no engine. */
const fileOf = async (file: string): Promise<Target> =>
  (await import("./spine/file-target.ts")).fileTarget(file);

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return 2;
  if (error instanceof TargetError || error instanceof ApiError || isSpineError(error)) return 1;
  throw error;
}

// Whoever reads has closed the pipe: they have seen enough.
process.stdout.once("error", () => process.exit());
try {
  await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = exitCodeOf(error);
  say(`spine: ${error instanceof Error ? error.message : String(error)}`);
}
