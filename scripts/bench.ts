import { mkdir, readFile, writeFile } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { format } from "prettier";
import { synthesize } from "#local/synth.ts";
import { chartsOf } from "./bench/charts.ts";
import { measureFirstReply } from "./bench/engine/first-reply.ts";
import { measureInProcess, type EngineRound } from "./bench/engine/in-process.ts";
import { measureLocalRuntime } from "./bench/engine/local-runtime.ts";
import {
  faultCells,
  FULL,
  leverCells,
  lightCells,
  loadCells,
  QUICK,
  SWAYING,
  tornadoCells,
} from "./bench/experiments.ts";
import { FRONT_FIGURES, frontFigures } from "./bench/front-figures.ts";
import { formatValue, pageOf, verdictOf } from "./bench/page.ts";
import { PARAMS_HASH } from "./bench/params.ts";
import { playCells } from "./bench/play-cells.ts";
import { newestResult, RESULTS, swingsOf, type BenchResult } from "./bench/result.ts";
import { rowsOf, type OnThisMachine, type Row } from "./bench/rows.ts";
import { summarize } from "./bench/summary.ts";
import { measureFlatness } from "./flat/flatness.ts";
import { formatted } from "./pages/formatted.ts";
import { withBlock } from "./pages/written-block.ts";
import { tenantCells } from "./bench/tenants.ts";
import { measurePrices } from "./price/measure.ts";
import { synthesizeGrouped } from "./price/grouped/synthesize.ts";
import { withMeteredCloud } from "./price/metered-cloud.ts";
import { totalOf } from "./price/bill.ts";

const USAGE = `npm run bench -- [--quick] [--json] [--write]

  --quick   a smaller part of everything, less than a minute: what needs the local runtime is quoted from the newest full result
  --json    one line of JSON at the end, with every row
  --write   writes docs/bench: the page, its charts, the result (full runs only)
  --page    writes the page and the charts of the newest full result anew`;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    page: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const began = performance.now();
const seconds = (): string => `${((performance.now() - began) / 1_000).toFixed(0)} s`;
const ENGINE_SESSIONS = { quick: 60, full: 150 };
const ENGINE_ROUNDS = 5;
const LOCAL_SESSIONS = 24;

async function play(name: string, cells: Parameters<typeof playCells>[0]) {
  let told = performance.now();
  const played = await playCells(cells, (done) => {
    if (performance.now() - told < 5_000 && done < cells.length) return;
    told = performance.now();
    say(`${seconds()}  ${name}: ${done} of ${cells.length} runs`);
  });
  return summarize(played);
}

async function measureThisMachine(): Promise<OnThisMachine> {
  say(`${seconds()}  engines in process: warming up`);
  await measureInProcess(ENGINE_SESSIONS.full);
  const engines: EngineRound[] = [];
  for (let round = 0; round < ENGINE_ROUNDS; round += 1) {
    say(`${seconds()}  engines in process: round ${round + 1} of ${ENGINE_ROUNDS}`);
    engines.push(await measureInProcess(values.quick ? ENGINE_SESSIONS.quick : ENGINE_SESSIONS.full));
  }
  if (values.quick) return { engines };
  const local = await measureLocalRuntime(LOCAL_SESSIONS, (what) =>
    say(`${seconds()}  local runtime: ${what}`),
  );
  say(`${seconds()}  flatness, in process`);
  const flatness = await measureFlatness();
  say(`${seconds()}  price, from counted requests`);
  const { templateDir } = await synthesize();
  const { lines, row: listed, streamHour } = await withMeteredCloud(templateDir, measurePrices);
  const grouped = await withMeteredCloud((await synthesizeGrouped()).templateDir, measurePrices);
  say(`${seconds()}  npm start, warm and cold`);
  const firstReplyMs = await measureFirstReply(join(import.meta.dirname, ".."));
  return {
    engines,
    local,
    firstReplyMs,
    flatness,
    usdAMillion: totalOf(lines),
    usdAMillionGrouped: totalOf(grouped.lines),
    usdAMillionListed: listed.usd,
    usdAStreamHour: streamHour.usd,
  };
}

/** Rows that a quick run does not measure are the newest full result's, with its date. */
function withQuoted(rows: readonly Row[], newest: BenchResult | undefined): readonly Row[] {
  return rows.map((row) => {
    if (row.value !== null) return row;
    const known = newest?.rows.find(({ id }) => id === row.id);
    if (known === undefined || newest === undefined || known.value === null) return row;
    return { ...known, how: `${known.how} (full run of ${newest.date})` };
  });
}

async function main(): Promise<void> {
  if (values.help) return console.log(USAGE);
  if (values.page) return writePage();
  if (values.quick && values.write)
    throw new Error("A quick result is not written: leave --quick or --write out.");
  const scale = values.quick ? QUICK : FULL;
  say(`Parameters ${PARAMS_HASH}, ${availableParallelism()} cores.`);
  const simulated = {
    light: await play("light load", lightCells(scale)),
    levers: await play("levers", leverCells(scale)),
    load: await play("load", loadCells(scale)),
    faults: await play("faults", faultCells(scale)),
    tenants: await play("a tenant that floods", tenantCells(scale)),
    tornado: swingsOf(SWAYING, ["flat", "spine"], await play("sensitivities", tornadoCells(scale))),
  };
  const machine = await measureThisMachine();
  const measured = rowsOf(simulated, machine);
  const rows = values.quick ? withQuoted(measured, newestResult()) : measured;
  for (const row of rows)
    console.log(
      `${formatValue(row).padStart(12)}  ${`${row.smaller ? "≤" : "≥"} ${formatValue({ value: row.bound, unit: row.unit })}`.padEnd(14)} ${verdictOf(row).padEnd(13)} ${row.measure}\n${" ".repeat(28)} ${row.how}`,
    );
  const result: BenchResult = {
    params: PARAMS_HASH,
    date: new Date().toISOString().slice(0, 10),
    machine: `${availableParallelism()} cores of ${cpus()[0]?.model.trim() ?? "an unknown processor"}, Node ${process.versions.node}`,
    rows,
    simulated,
    engines: machine.engines ?? [],
    ...(machine.local !== undefined && { local: machine.local }),
  };
  if (values.write) await write(result);
  say(`${seconds()} in all.`);
  if (values.json) console.log(JSON.stringify({ params: result.params, date: result.date, rows }));
}

/** More digits than these say nothing, and make every line of a new result another one. */
const DIGITS = 5;
const rounded = (_: string, value: unknown): unknown =>
  typeof value === "number" ? Number(value.toPrecision(DIGITS)) : value;

async function writePage(): Promise<void> {
  const newest = newestResult();
  if (newest === undefined) throw new Error("There is no full result: npm run bench -- --write makes one.");
  await write(newest);
}

async function write(measured: BenchResult): Promise<void> {
  await mkdir(RESULTS, { recursive: true });
  const text = JSON.stringify(measured, rounded);
  // As it is kept: written from it again, the pages are the same.
  const result = JSON.parse(text) as BenchResult;
  const files = {
    "README.md": await format(pageOf(result), { parser: "markdown", printWidth: 120 }),
    "result.json": await format(text, { parser: "json", printWidth: 110 }),
    ...chartsOf(result.simulated),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(RESULTS, name), text);
  const front = join(import.meta.dirname, "..", FRONT_FIGURES.page);
  const page = withBlock(await readFile(front, "utf8"), FRONT_FIGURES, frontFigures(result));
  await writeFile(front, await formatted(front, page));
  say(`Written to docs/bench: ${Object.keys(files).join(", ")}; and the figures of ${FRONT_FIGURES.page}.`);
}

await main();
// Timers of sessions that nobody waits for any more would keep the process up.
process.exit();
