import { BUDGETS, bundle } from "./sizes/bundle.ts";

/** Prints what each function would load at its start, against its budget. */
const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(1)} kB`.padStart(10);

console.log(`${"minified ESM".padEnd(24)}${"size".padStart(10)}${"budget".padStart(10)}`);
for (const { name, modules, mostBytes } of BUDGETS) {
  const { bytes } = await bundle(modules);
  console.log(`${name.padEnd(24)}${kilobytes(bytes)}${kilobytes(mostBytes)}`);
  if (bytes > mostBytes) process.exitCode = 1;
}
