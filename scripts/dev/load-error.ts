import { readFile } from "node:fs/promises";
import { basename, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { isSpineError, messageOf } from "#core/errors.ts";

/** Where modules of an application stand in a stack: a file's address, perhaps with a version, line and column. */
const FRAME = /(file:\/\/[^\s?)]+?)(?:\?[^:\s)]*)?:(\d+)(?::(\d+))?/g;
const NOT_FOUND = /^Cannot find (?:module|package) '(.+?)' imported from (.+)$/;
const SOURCE = /\.[cm]?[jt]sx?$/;

/** Says in one text what is wrong with an application that could not be loaded: file and line first, where they can be known. */
export async function describeLoadError(error: unknown, files: readonly string[]): Promise<string> {
  // What the linter finds names flow and step.
  if (isSpineError(error, "flow.invalid")) return error.message;
  const syntax = error instanceof SyntaxError ? await syntaxError(files) : undefined;
  if (syntax !== undefined) return syntax;
  const at = frameIn(error, new Set(files)) ?? (await importIn(error, files));
  const text = messageOf(error).replaceAll(/\?dev=\d+/g, "");
  return at === undefined ? text : `${at}: ${text}`;
}

/** Node tells a file, and not always where in it. */
async function syntaxError(files: readonly string[]): Promise<string | undefined> {
  const { transform } = await import("esbuild");
  for (const file of files.filter((one) => SOURCE.test(one))) {
    const text = await readFile(file, "utf8").catch(() => "");
    try {
      await transform(text, { loader: "ts", sourcefile: file, logLevel: "silent" });
    } catch (failure) {
      const [first] = problemsIn(failure);
      if (first === undefined) continue;
      const { line, column } = first.location ?? { line: 1, column: 0 };
      return `${shown(file)}:${line}:${column + 1}: ${first.text}`;
    }
  }
  return undefined;
}

interface Failure {
  readonly text: string;
  readonly location: { readonly line: number; readonly column: number } | null;
}

/** What esbuild rejects with has them. */
const problemsIn = (failure: unknown): readonly Failure[] =>
  (failure as { readonly errors?: readonly Failure[] }).errors ?? [];

function frameIn(error: unknown, files: ReadonlySet<string>): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  for (const [, url = "", line = "", column] of stack.matchAll(FRAME)) {
    const file = fileURLToPath(url);
    if (files.has(file)) return [shown(file), line, ...(column === undefined ? [] : [column])].join(":");
  }
  return undefined;
}

/** Node tells who imports what is not there, and not in which line. */
async function importIn(error: unknown, files: readonly string[]): Promise<string | undefined> {
  const [, asked = "", by = ""] = NOT_FOUND.exec(messageOf(error)) ?? [];
  if (!files.includes(by)) return undefined;
  const lines = (await readFile(by, "utf8")).split("\n");
  const line = lines.findIndex((text) => text.includes(basename(asked))) + 1;
  return line === 0 ? shown(by) : `${shown(by)}:${line}`;
}

const shown = (file: string): string => relative(process.cwd(), file);
