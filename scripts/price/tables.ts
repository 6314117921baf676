import type { Stack } from "../local/template/cloud-assembly.ts";
import { isPublication, totalOf } from "./bill.ts";
import type { SessionPrices } from "./measure.ts";
import { idleLines, resourceRows, roomFor } from "./resources.ts";

/** The page that holds the tables, each between its two marks. */
export const PRICE_PAGE = "docs/deploy.md";
export const BLOCKS = ["resources", "idle", "session"] as const;
export type Block = (typeof BLOCKS)[number];

const begin = (block: Block): string => `<!-- ${block}: written by npm run price -- --write -->`;
const END = "<!-- end -->";

/** What a page holds between a block's marks. Throws where they are missing. */
export function blockIn(page: string, block: Block): string {
  const start = page.indexOf(begin(block));
  const end = page.indexOf(END, start);
  if (start < 0 || end < 0) throw new Error(`${PRICE_PAGE} has no marks of the block "${block}".`);
  return page.slice(start + begin(block).length, end).trim();
}

/** The page with other text between a block's marks. */
export function withBlock(page: string, block: Block, text: string): string {
  const old = blockIn(page, block);
  return page.replace(`${begin(block)}\n\n${old}\n\n${END}`, () => `${begin(block)}\n\n${text}\n\n${END}`);
}

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
      [
        "tables, buckets, functions, buses, stream, state machines",
        "nothing without use, but storage",
        "0.00",
      ],
      ["**total**", "", usd(totalOf(lines))],
    ],
  );
}

/** The price of a session whose caller does not wait, and beside it those of other ways. */
export function sessionBlock({ lines, waiting, byBus }: Omit<SessionPrices, "use">): string {
  const published = lines.filter(isPublication);
  const total = totalOf(lines);
  return table(
    ["item", "arithmetic per session", "US$ per million"],
    [
      ...lines.map(({ item, arithmetic, usd: price }) => [item, arithmetic, usd(price)]),
      ["**total**", "", `**${usd(total)}**`],
      ["without publications", "nobody listens on spine-out", usd(total - totalOf(published))],
      ["with the event by spine-in", "rule, intake and inbox in place of ingress", usd(totalOf(byBus))],
      ["with a caller that waits", "its reads until the reply comes", usd(totalOf(waiting))],
    ],
  );
}
