import { createWorld, type Stored } from "./flat/world.ts";
import { EARLY, FEW, LATE, MANY, measureFlatness, ROUNDS, WINDOW } from "./flat/flatness.ts";
import { measureListing, PAGES, type PageCost } from "./flat/listing.ts";
import { MOST_SCANNED } from "#runtime/doors/http/list-sessions.ts";
import type { Cost } from "./flat/measure.ts";

/** What an event may cost late in a long session, or beside many agents, against early and beside few. */
const MOST = 1.1;

const FEW_LISTED = 1_000;
const MANY_LISTED = 100_000;
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

/** What a page of the list takes among few sessions and among many; its times are this machine's, of an emulator. */
async function printListing(): Promise<boolean> {
  console.log("\nA page of the list of sessions");
  const [few, many] = [await measureListing(FEW_LISTED), await measureListing(MANY_LISTED, tellProgress)];
  const head = [FEW_LISTED, MANY_LISTED].map((sessions) => `${sessions} sessions`.padStart(38));
  console.log(["page".padEnd(16), ...head].join(""));
  let isFlat = true;
  for (const [at, { name }] of PAGES.entries()) {
    const [one, other] = [few[at], many[at]];
    if (one === undefined || other === undefined) throw new Error("A page was not measured.");
    isFlat &&= other.scanned <= MOST_SCANNED && isAsCheap(other, one);
    const told = [one, other].map((cost) =>
      `${cost.rows} of ${cost.scanned}, ${cost.requests} req, ${cost.readUnits} RU, ${cost.ms.toFixed(0)} ms`.padStart(
        38,
      ),
    );
    console.log([name.padEnd(16), ...told].join(""));
  }
  return isFlat;
}

/** A page that finds more rows among many may take more for them. */
const isAsCheap = (other: PageCost, one: PageCost): boolean => {
  const rows = Math.max(1, other.scanned / Math.max(1, one.scanned));
  return other.requests <= one.requests * MOST * rows && other.readUnits <= one.readUnits * MOST * rows;
};

const tellProgress = (written: number): void => {
  if (written > 0 && written % 20_000 === 0) console.log(`${written} of ${MANY_LISTED} rows written`);
};

const began = performance.now();
const { young, old, beside, grown } = await measureFlatness();
for (const stored of grown) console.log(await describe(stored));
const span = (from: number): string => `events ${from + 1} to ${from + WINDOW}`;
const flat = [
  print("A long session", [span(EARLY), span(LATE)], young, old),
  print("Many agents", [`${FEW} agents`, `${MANY} agents`], young, beside),
].every(Boolean);
const listed = await printListing();
const seconds = ((performance.now() - began) / 1_000).toFixed(0);
console.log(
  `\n${flat && listed ? "Flat" : "NOT FLAT"}: every ratio must be at most ${MOST}. Medians of ${ROUNDS} windows each; ${seconds} s.`,
);
process.exitCode = flat && listed ? 0 : 1;
