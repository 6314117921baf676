import { createWorld, type Stored } from "./flat/world.ts";
import { EARLY, FEW, LATE, MANY, measureFlatness, ROUNDS, WINDOW } from "./flat/flatness.ts";
import type { Cost } from "./flat/measure.ts";

/** What an event may cost late in a long session, or beside many agents, against early and beside few. */
const MOST = 1.1;

const ROWS: readonly (readonly [keyof Cost, string])[] = [
  ["cpuMicros", "CPU time, µs"],
  ["bytesWritten", "bytes written"],
  ["bytesRead", "bytes read"],
  ["portCalls", "port calls"],
];

function print(title: string, names: readonly [string, string], base: Cost, other: Cost): boolean {
  console.log(`\n${title}`);
  console.log(
    ["per event".padEnd(16), ...names.map((name) => name.padStart(22)), "ratio".padStart(9)].join(""),
  );
  let flat = true;
  for (const [field, label] of ROWS) {
    const ratio = other[field] / base[field];
    flat &&= ratio <= MOST;
    const values = [base[field], other[field]].map((value) => value.toFixed(1).padStart(22));
    console.log([label.padEnd(16), ...values, ratio.toFixed(3).padStart(9)].join(""));
  }
  return flat;
}

async function describe(stored: Stored): Promise<string> {
  const state = await (await createWorld(FEW, stored)).state();
  const bytes = (value: unknown) => JSON.stringify(value).length;
  return `event ${stored.events}: ${state.sequence} facts in ${stored.commits.length} commits, state ${bytes(state)} bytes (context ${bytes(state.context)}, ${state.ids.length} ids in the window)`;
}

const began = performance.now();
const { young, old, beside, grown } = await measureFlatness();
for (const stored of grown) console.log(await describe(stored));
const span = (from: number): string => `events ${from + 1} to ${from + WINDOW}`;
const flat = [
  print("A long session", [span(EARLY), span(LATE)], young, old),
  print("Many agents", [`${FEW} agents`, `${MANY} agents`], young, beside),
].every(Boolean);
const seconds = ((performance.now() - began) / 1_000).toFixed(0);
console.log(
  `\n${flat ? "Flat" : "NOT FLAT"}: every ratio must be at most ${MOST}. Medians of ${ROUNDS} windows each; ${seconds} s.`,
);
process.exitCode = flat ? 0 : 1;
