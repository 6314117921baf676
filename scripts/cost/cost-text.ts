import type { BillLine } from "../price/bill.ts";
import type { SessionCost } from "./cost-of.ts";

const PER_MILLION = 1e6;
/** Of a million sessions, since one costs too little to be read. */
const dollars = (usd: number): string => `$${(usd * PER_MILLION).toFixed(2)}`;
const ITEM_WIDTH = 50;
const USD_WIDTH = 10;

const row = ({ item, arithmetic, usd }: BillLine): string =>
  `  ${item.padEnd(ITEM_WIDTH)}${dollars(usd).padStart(USD_WIDTH)}  ${arithmetic}`;

const requestsText = ({ total, attempts, others }: SessionCost["requests"]): string =>
  `It took ${total} requests to AWS: ${total - others} for ${attempts.length} attempts of agents, ${others} for none of them alone.`;

/** A session's cost as lines for a person. */
export function costText({ session, usd, usdAtMost, ...cost }: SessionCost): string {
  return [
    `Session ${session}: ${cost.events} events in ${cost.commits} commits cost about $${usd.toFixed(7)} on AWS, by its log.`,
    requestsText(cost.requests),
    `A million sessions like it cost ${dollars(usd)}, and with what the log only bounds at most ${dollars(usdAtMost)}:`,
    ...cost.lines.map(row),
    row({ item: "together", arithmetic: "", usd }),
    "On top, at most:",
    ...cost.onTop.map(row),
    "Assumed:",
    ...cost.assumed.map((text) => `  ${text}`),
    "The log cannot know:",
    ...cost.unknown.map((text) => `  ${text}`),
  ].join("\n");
}
