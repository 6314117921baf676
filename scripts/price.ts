import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { synthesize } from "#local/synth.ts";
import { readAssembly } from "#local/template/cloud-assembly.ts";
import { totalOf, type BillLine } from "./price/bill.ts";
import { measurePersonal, measurePrices, MOST_USD, PERSONAL_PATHS } from "./price/measure.ts";
import { withBlock, type WrittenBlock } from "./pages/written-block.ts";
import { measureScoring } from "./price/scoring.ts";
import { withMeteredCloud } from "./price/metered-cloud.ts";
import {
  idleBlock,
  personalBlock,
  PRICE_BLOCKS,
  resourcesBlock,
  scoringBlock,
  sessionBlock,
  streamBlock,
} from "./price/tables.ts";

/*
 * node scripts/price.ts [--write]: what the stacks create, what they cost idle, and what a million sessions of five agents
 * cost, from the synthesized template and the requests counted at the local endpoints. --write puts the tables into
 * docs/deploy.md. Exit code 1 where a session costs more than its bound.
 */

const { values } = parseArgs({ options: { write: { type: "boolean", default: false } } });
const personal = await personalPrice();
const { templateDir } = await synthesize();
const prices = await withMeteredCloud(templateDir, measurePrices);
const stacks = readAssembly(templateDir);
const blocks = {
  resources: resourcesBlock(stacks),
  idle: idleBlock(stacks),
  session: sessionBlock(prices),
  personal: personalBlock(personal),
  stream: streamBlock(prices.streamHour),
  scoring: scoringBlock(await scoringPrice()),
} as const;
if (values.write) {
  for (const [name, content] of Object.entries(blocks))
    write(PRICE_BLOCKS[name as keyof typeof blocks], content);
} else console.log(Object.values(blocks).join("\n\n"));
const total = totalOf(prices.lines);
if (total > MOST_USD) {
  console.error(`A million sessions cost $${total.toFixed(2)}; the bound is $${MOST_USD}.`);
  process.exitCode = 1;
}

function write(block: WrittenBlock, content: string): void {
  const path = fileURLToPath(new URL(`../${block.page}`, import.meta.url));
  writeFileSync(path, withBlock(readFileSync(path, "utf8"), block, content));
  console.log(`Wrote "${block.name}" of ${block.page}.`);
}

/** On a spine of its own, which declares what the other does not. */
async function personalPrice(): Promise<readonly BillLine[]> {
  const { templateDir } = await synthesize({ environment: { SPINE_PERSONAL: PERSONAL_PATHS } });
  return withMeteredCloud(templateDir, measurePersonal);
}

/** On a spine of its own with scorers. */
async function scoringPrice(): Promise<readonly BillLine[]> {
  const { templateDir } = await synthesize({ environment: { SPINE_SCORERS: "yes" } });
  return withMeteredCloud(templateDir, measureScoring);
}
