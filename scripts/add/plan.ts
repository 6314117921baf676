import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Problem } from "#core/errors.ts";
import { UsageError } from "#client/usage-error.ts";

/** What a command would write. */
export interface Plan {
  /** By path from the project's folder. */
  readonly created: Readonly<Record<string, string>>;
  readonly changed: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[];
  /** What is left to do. */
  readonly next: readonly string[];
}

/** The application that something is added to. */
export interface Project {
  /** Its module, such as `spine.ts`. */
  readonly app: string;
  readonly source: string;
  /** Of its own modules, with the dot. */
  readonly extension: string;
}

/** Writes all of a plan, or nothing. Throws `UsageError` with every problem. */
export function carryOut({ created, changed, problems }: Plan): readonly string[] {
  const taken = Object.keys(created).filter((path) => existsSync(path));
  const repair = "Remove it, or give another name: nothing is overwritten.";
  const all = [...problems, ...taken.map((path) => ({ field: path, problem: "exists", repair }))];
  if (all.length > 0)
    throw new UsageError(all.map((one) => `${one.field}: ${one.problem}. ${one.repair}`).join("\n"));
  const before = new Map(Object.keys(changed).map((path) => [path, readFileSync(path, "utf8")]));
  try {
    for (const [path, text] of Object.entries({ ...created, ...changed })) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  } catch (error) {
    for (const path of Object.keys(created)) rmSync(path, { force: true });
    for (const [path, text] of before) writeFileSync(path, text);
    throw error;
  }
  return [
    ...Object.keys(created).map((path) => `  created  ${path}`),
    ...Object.keys(changed).map((path) => `  changed  ${path}`),
  ];
}
