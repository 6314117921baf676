import { parseArgs } from "node:util";
import { CLOCKS, type TestClock } from "./clocks.ts";

export interface DatesArguments {
  readonly clocks: readonly TestClock[];
  /** Given to the test runner at each clock; nothing for the tests of that clock. */
  readonly files: readonly string[];
  readonly config: string | undefined;
}

export const USAGE = `npm run test:dates -- [--clock NAME]... [--config FILE] [FILE]...
Runs the tests that touch dates at other times and in other time zones. Names: ${CLOCKS.map(({ name }) => name).join(", ")}.`;

/** Throws a `TypeError` that says what to give instead. */
export function parseArguments(args: readonly string[]): DatesArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { clock: { type: "string", multiple: true }, config: { type: "string" } },
  });
  const { clock: names = [], config } = values;
  const unknown = names.find((name) => CLOCKS.every((clock) => clock.name !== name));
  if (unknown !== undefined) throw new TypeError(`--clock: unknown clock "${unknown}".`);
  const clocks = names.length === 0 ? CLOCKS : CLOCKS.filter(({ name }) => names.includes(name));
  return { clocks, files: positionals, config };
}
