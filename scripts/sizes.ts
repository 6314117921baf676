import { BUDGETS, bundle } from "./sizes/bundle.ts";
import { measureConsole, MOST_CONSOLE_BYTES } from "./sizes/console-page.ts";
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
const { bytes: consoleBytes } = await measureConsole();
console.log(
  `\nThe console's page, initial JavaScript, gzipped\n  ${consoleBytes} bytes of ${MOST_CONSOLE_BYTES}`,
);
if (consoleBytes > MOST_CONSOLE_BYTES) process.exitCode = 1;
if ([...functions, ...factories].some(({ bytes, mostBytes }) => bytes > mostBytes)) process.exitCode = 1;
