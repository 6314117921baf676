import type { Stack } from "#local/template/cloud-assembly.ts";
import type { WrittenBlock } from "../pages/written-block.ts";
import { STREAM_MEMORY_MB } from "../../infra/settings/memory.ts";
import { PRICES } from "./prices.ts";
import { isPublication, totalOf, type BillLine } from "./bill.ts";
import type { SessionPrices } from "./measure.ts";
import { idleLines, resourceRows, roomFor } from "./resources.ts";

/** The page that holds the tables. */
export const PRICE_PAGE = "docs/deploy.md";

const block = (name: string, page = PRICE_PAGE): WrittenBlock => ({
  page,
  name,
  command: "npm run price -- --write",
});
export const PRICE_BLOCKS = {
  resources: block("resources"),
  idle: block("idle"),
  session: block("session"),
  personal: block("personal"),
  stream: block("stream", "docs/http.md"),
  scoring: block("scoring", "docs/evaluation.md"),
} as const;

const usd = (value: number): string => value.toFixed(2);
const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");

export function resourcesBlock(stacks: readonly Stack[]): string {
  const { each, more } = roomFor(stacks);
  return [
    table(["", ...stacks.map(({ name }) => name)], resourceRows(stacks)),
    "",
    `An agent with both lanes is ${each} resources, so a stack of CloudFormation's 500 has room for this spine and about ${more} agents`,
    "more.",
  ].join("\n");
}

export function idleBlock(stacks: readonly Stack[]): string {
  const lines = idleLines(stacks);
  return table(
    ["item", "arithmetic", "US$"],
    [
      ...lines.map(({ item, arithmetic, usd: price }) => [item, arithmetic, usd(price)]),
      ["tables, buckets, functions, buses, stream, state machines", "idle, except for storage", "0.00"],
      ["**total**", "", usd(totalOf(lines))],
    ],
  );
}

/** What differs where personal paths are declared, and the price of a session then. */
export function personalBlock(lines: readonly BillLine[]): string {
  // What is counted of breakers goes by the time, and not by this.
  const told = lines.filter(({ item }) => /^(?:KMS|DynamoDB, (?!breakers))/.test(item));
  return table(
    ["item", "arithmetic per session", "US$ per million"],
    [
      ...told.map(({ item, arithmetic, usd: price }) => [item, arithmetic, usd(price)]),
      ["**total**, all other lines included", "", `**${usd(totalOf(lines))}**`],
    ],
  );
}

/** What scorers add to a session's price. */
export function scoringBlock(lines: readonly BillLine[]): string {
  return table(
    ["item", "arithmetic per session", "US$ per million"],
    [
      ...lines.map(({ item, arithmetic, usd: price }) => [item, arithmetic, usd(price)]),
      ["**total**, beside the session's own", "", `**${usd(totalOf(lines))}**`],
    ],
  );
}

/** The price of a session whose caller does not wait, and beside it those of other ways. */
export function sessionBlock({ lines, row: listed, waiting, byBus }: Omit<SessionPrices, "use">): string {
  const published = lines.filter(isPublication);
  const total = totalOf(lines);
  return table(
    ["item", "arithmetic per session", "US$ per million"],
    [
      ...lines.map(({ item, arithmetic, usd: price }) => [item, arithmetic, usd(price)]),
      ["**total**", "", `**${usd(total)}**`],
      ["without publications", "no rules on spine-out", usd(total - totalOf(published))],
      ["with the event by spine-in", "rule, intake and inbox in place of ingress", usd(totalOf(byBus))],
      [listed.item, listed.arithmetic, usd(total + listed.usd)],
      ["with a caller that waits", "its reads until the reply arrives", usd(totalOf(waiting))],
    ],
  );
}

/** What an hour of an open stream costs. */
export function streamBlock({
  streams,
  readUnits,
  writeUnits,
  usd: price,
}: SessionPrices["streamHour"]): string {
  const cents = (value: number): string => `$${value.toFixed(4)}`;
  const time = (STREAM_MEMORY_MB / 1_024) * 3_600 * PRICES.lambdaGbSecond;
  return [
    `A stream costs about **${cents(price)} an hour** at list price while it is open and nothing happens: ${STREAM_MEMORY_MB} MB for 3,600 s are`,
    `${cents(time)}; ${readUnits} read units, for looks into the log and at the permit, ${cents((readUnits * PRICES.dynamoReadUnit) / 1e6)}; ${streams} requests with ${writeUnits} write units for their permits`,
    `${cents((streams * PRICES.lambdaRequest + writeUnits * PRICES.dynamoWriteUnit) / 1e6)}. Nothing is charged while no stream is open ([036](decisions/036-streams-a-minute-at-a-time.md)).`,
  ].join("\n");
}
