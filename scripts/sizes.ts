import { BUDGETS, bundle } from "./sizes/bundle.ts";
import { measureFunctions, sizesTable } from "./sizes/functions.ts";

/** Prints what each function loads at its start, and what its factories take of that, against their budgets. */
const functions = measureFunctions();
const factories = await Promise.all(
  BUDGETS.map(async ({ name, modules, mostBytes }) => ({
    name,
    bytes: (await bundle(modules)).bytes,
    mostBytes,
  })),
);
console.log(`At init, minified ESM\n${sizesTable(functions)}\n\nWithout adapters\n${sizesTable(factories)}`);
if ([...functions, ...factories].some(({ bytes, mostBytes }) => bytes > mostBytes)) process.exitCode = 1;
