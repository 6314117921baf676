import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ROOT } from "../architecture/source.ts";

export interface Ran {
  readonly code: number | null;
  readonly output: string;
}

const BIN = join(ROOT, "node_modules/.bin");
/** The pinned Node where npm installed it: an older one that runs the tests cannot run TypeScript. */
export const NODE = existsSync(join(BIN, "node")) ? join(BIN, "node") : process.execPath;

/** Runs Node to its end. */
export function runNode(
  args: readonly string[],
  folder = ROOT,
  environment: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const path = `${BIN}${delimiter}${process.env["PATH"] ?? ""}`;
    // A test runner that a test starts is one of its own.
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST"));
    const env = { ...Object.fromEntries(own), ...environment, PATH: path };
    const child = spawn(NODE, args, { cwd: folder, env });
    let output = "";
    const add = (chunk: Buffer) => void (output += chunk.toString());
    child.stdout.on("data", add);
    child.stderr.on("data", add);
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
}
