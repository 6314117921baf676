import { beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_PREFIX, FunctionSuffix, functionName } from "#aws/names.ts";
import { createSpineClient } from "#client/client.ts";
import type { LocalCloud } from "#local/cloud.ts";
import { synthesize } from "#local/synth.ts";
import { readAssembly, type Stack } from "#local/template/cloud-assembly.ts";
import { costOf, type SessionCost } from "../../scripts/cost/cost-of.ts";
import { totalOf } from "../../scripts/price/bill.ts";
import {
  measurePersonal,
  measurePrices,
  MOST_USD,
  PERSONAL_PATHS,
  type SessionPrices,
} from "../../scripts/price/measure.ts";
import { measureScoring } from "../../scripts/price/scoring.ts";
import { blockIn } from "../../scripts/pages/written-block.ts";
import { withMeteredCloud } from "../../scripts/price/metered-cloud.ts";
import {
  idleBlock,
  personalBlock,
  PRICE_BLOCKS,
  PRICE_PAGE,
  resourcesBlock,
  scoringBlock,
  sessionBlock,
  streamBlock,
} from "../../scripts/price/tables.ts";
import { textOf } from "../architecture/source.ts";

/**
 * Ids of chance make lines a few bytes longer or shorter, and on a busy machine the relay takes two commits of a session at
 * once, which is a line less and a request less to be modelled. What is billed by the count is exact.
 */
const TOLERANCE = 0.08;
/** How often a caller that waits looks for its reply depends on how fast this machine is. */
const WAITING_TOLERANCE = 0.15;
/** How well a ciphertext fits into units is a matter of chance: one unit of a dozen more or less. */
const SEALED_TOLERANCE = 0.2;
/**
 * Of units that read the log: the relay reads again what a batch before held, for a session's row, where another process took that batch.
 */
const READ_AGAIN = 4;
/** Of what `spine cost` makes of a log alone. */
const COST_TOLERANCE = 0.15;
const NUMBER = /\d+(?:\.\d+)?/g;

const page = textOf(PRICE_PAGE);
const numbersOf = (text: string): readonly number[] =>
  [...text.matchAll(NUMBER)].map(([number]) => Number(number));

/** What differs between two tables by more than the tolerance, or in words. Whole numbers, which are counts, must be equal where nothing is sealed. */
function drift(documented: string, measured: string, sealed = false): readonly string[] {
  const rows = measured.split("\n");
  return documented
    .split("\n")
    .flatMap((row, index) => {
      const other = rows[index] ?? "";
      const [was, is] = [numbersOf(row), numbersOf(other)];
      const same =
        row.replaceAll(NUMBER, "#") === other.replaceAll(NUMBER, "#") &&
        was.every((number, at) => {
          const now = is[at] ?? NaN;
          if (sealed) return Math.abs(now - number) <= SEALED_TOLERANCE * number;
          if (row.startsWith("| DynamoDB, reads")) return Math.abs(now - number) <= READ_AGAIN;
          const most = row.includes("caller that waits") ? WAITING_TOLERANCE : TOLERANCE;
          return Math.abs(now - number) <= (isCount(row, number) ? 0 : most * number);
        });
      return same ? [] : [`documented: ${row}`, `now:        ${other}`];
    })
    .concat(rows.length === documented.split("\n").length ? [] : ["another number of rows"]);
}

/** Milliseconds are modelled, lines are the relay's too, and prices have a fraction. */
const isCount = (row: string, number: number): boolean =>
  Number.isInteger(number) && !row.includes(`${number} ms`) && !row.includes(`${number} lines`);

/** What the command makes of a session's log, as a client reads it. */
async function costIn(cloud: LocalCloud, session: string): Promise<SessionCost> {
  const url = cloud.functionUrls.get(functionName(DEFAULT_PREFIX, FunctionSuffix.ingress)) ?? "";
  const client = createSpineClient(async ({ method, path }) => {
    const response = await cloud.fetch(url + path, { method });
    const { status, headers } = response;
    return { status, headers: Object.fromEntries(headers), body: await response.text() };
  });
  const { personal = [] } = await client.state(session);
  return costOf(session, await client.eventsAfter(session, 0), personal.length > 0);
}
const off = (estimate: SessionCost, measured: number): number =>
  Math.abs(totalOf(estimate.lines) * 1e6 - measured) / measured;

let templateDir: string;
let stacks: readonly Stack[];

beforeAll(async () => {
  ({ templateDir } = await synthesize());
  stacks = readAssembly(templateDir);
});

describe("the tables of docs/deploy.md", () => {
  it("list the template's resources: npm run price -- --write", () => {
    expect(blockIn(page, PRICE_BLOCKS.resources)).toBe(resourcesBlock(stacks));
  });

  it("price the idle cost of the template's resources: npm run price -- --write", () => {
    expect(blockIn(page, PRICE_BLOCKS.idle)).toBe(idleBlock(stacks));
  });

  describe("of a session", () => {
    let prices: SessionPrices;
    let costs: Readonly<Record<"request" | "bus", SessionCost>>;

    beforeAll(async () => {
      prices = await withMeteredCloud(templateDir, async (cloud, meter) => {
        const measured = await measurePrices(cloud, meter);
        costs = { request: await costIn(cloud, "price-request-1"), bus: await costIn(cloud, "price-bus-1") };
        return measured;
      });
    }, 300_000);

    it("are what npm run spine -- cost makes of the sessions' logs, within 15 %", () => {
      expect(off(costs.request, totalOf(prices.lines))).toBeLessThan(COST_TOLERANCE);
      expect(off(costs.bus, totalOf(prices.byBus))).toBeLessThan(COST_TOLERANCE);
      const counted = ["SQS, tasks", "Lambda requests", "EventBridge, publications"];
      const toldBy = (lines: SessionPrices["lines"]) =>
        lines.filter(({ item }) => counted.includes(item)).map(({ arithmetic }) => arithmetic);
      expect(toldBy(costs.request.lines)).toEqual(toldBy(prices.lines));
    });

    it("price the counted requests: npm run price -- --write", () => {
      const measured = sessionBlock(prices);
      expect(drift(blockIn(page, PRICE_BLOCKS.session), measured)).toEqual([]);
    });

    it("price an hour of an open stream: npm run price -- --write", () => {
      const { streams, readUnits, writeUnits, usd } = prices.streamHour;
      // A stream is open for 55 s and resumed half a second later, and looks every two seconds at most.
      expect(streams).toBe(65);
      expect(readUnits / streams).toBeGreaterThan(55 / 2);
      expect(writeUnits).toBe(2 * streams);
      expect(usd).toBeLessThan(0.02);
      expect(blockIn(textOf(PRICE_BLOCKS.stream.page), PRICE_BLOCKS.stream)).toBe(
        streamBlock(prices.streamHour),
      );
    });

    it("stay within their bound", () => {
      expect(totalOf(prices.lines)).toBeGreaterThan(MOST_USD / 2);
      expect(totalOf(prices.lines)).toBeLessThanOrEqual(MOST_USD);
    });

    it("count the cause of every metric line: an invocation of a calm session logs one only for its commits", () => {
      const lines = prices.use.logged.reduce((sum, each) => sum + each.lines, 0);
      // 21 invocations, and 7 of them committed.
      expect(lines).toBeLessThanOrEqual(28);
    });
  });
});

describe("the table of a session with personal values", () => {
  it("prices the counted requests: npm run price -- --write", { timeout: 300_000 }, async () => {
    const { templateDir: declaring } = await synthesize({ environment: { SPINE_PERSONAL: PERSONAL_PATHS } });
    let estimate: SessionCost | undefined;
    const lines = await withMeteredCloud(declaring, async (cloud, meter) => {
      const measured = await measurePersonal(cloud, meter);
      estimate = await costIn(cloud, "price-request-1");
      return measured;
    });
    expect(drift(blockIn(page, PRICE_BLOCKS.personal), personalBlock(lines), true)).toEqual([]);
    // What sealed values take beyond their texts is not in it.
    expect(estimate === undefined ? NaN : off(estimate, totalOf(lines))).toBeLessThan(COST_TOLERANCE);
  });
});

describe("the table of what scorers add to a session", () => {
  it("prices the counted requests: npm run price -- --write", { timeout: 300_000 }, async () => {
    const { templateDir: scoring } = await synthesize({ environment: { SPINE_SCORERS: "yes" } });
    const lines = await withMeteredCloud(scoring, measureScoring);
    const { page: evaluation } = PRICE_BLOCKS.scoring;
    expect(drift(blockIn(textOf(evaluation), PRICE_BLOCKS.scoring), scoringBlock(lines))).toEqual([]);
  });
});

describe("a drift of a table", () => {
  const row = "| SQS | 15 × $0.50, 7.2 KB, 602 ms | 7.50 |";

  it("is a changed count, a price beyond the tolerance, an additional row or different words", () => {
    expect(drift(row, row)).toEqual([]);
    expect(drift(row, row.replace("7.2", "7.3").replace("602", "607").replace("7.50", "7.52"))).toEqual([]);
    for (const [from, to] of [
      ["15", "16"],
      ["7.50", "8.50"],
      ["602", "702"],
      ["SQS", "SNS"],
    ] as const)
      expect(drift(row, row.replace(from, to))).toHaveLength(2);
    expect(drift(row, `${row}\n${row}`)).toEqual(["another number of rows"]);
  });
});
