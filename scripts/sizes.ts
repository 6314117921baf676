import { buildFunction } from "../infra/build-function.ts";
import { BUDGETS, bundle, FUNCTION_BUDGETS, ROOT } from "./sizes/bundle.ts";

/** Prints what each function loads at its start, and what its factories take of that, against their budgets. */
const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(1)} kB`.padStart(10);

const title = (what: string): void =>
  console.log(`${what.padEnd(30)}${"size".padStart(10)}${"budget".padStart(10)}`);

function print(name: string, bytes: number, mostBytes: number): void {
  console.log(`${name.padEnd(30)}${kilobytes(bytes)}${kilobytes(mostBytes)}`);
  if (bytes > mostBytes) process.exitCode = 1;
}

title("at init, minified ESM");
for (const { name, entry, mostBytes } of FUNCTION_BUDGETS)
  print(name, buildFunction(`${ROOT}functions/${entry}`).initBytes, mostBytes);

title("\nwithout adapters");
for (const { name, modules, mostBytes } of BUDGETS) print(name, (await bundle(modules)).bytes, mostBytes);
