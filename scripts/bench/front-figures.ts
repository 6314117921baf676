import type { WrittenBlock } from "../pages/written-block.ts";
import { PARAMS } from "./params.ts";
import { PRICES_BESIDE } from "./price-beside.ts";
import type { BenchResult } from "./result.ts";
import type { Summary } from "./summary.ts";

/** The figures that the first page shows. */
export const FRONT_FIGURES: WrittenBlock = {
  page: "README.md",
  name: "figures",
  command: "npm run bench -- --page",
};

const ARMS = ["naive", "flat", "spine", "spine, one group"] as const;
const FAULTS = 10;
const NONE = "–";

/** A table of what a newcomer asks first: latency, incidents, CPU, price; beside two rivals. */
export function frontFigures({ simulated, rows }: BenchResult): string {
  const { fetches } = PARAMS.load;
  const light = (arm: string, agents: number): Summary | undefined =>
    simulated.light.find(
      (one) => one.arm === arm && one.agents === agents && (arm !== "naive" || one.fetches === fetches),
    );
  const faulty = (arm: string): Summary | undefined =>
    simulated.faults.find((one) => one.arm === arm && one.faults === FAULTS);
  const usd = (id: string): string => `$${rows.find((one) => one.id === id)?.value?.toFixed(1) ?? NONE}`;
  const line = (name: string, of: (arm: (typeof ARMS)[number]) => string): string =>
    `| ${[name, ...ARMS.map(of)].join(" | ")} |`;
  const ms = (value: number | undefined): string => (value === undefined ? NONE : `${value.toFixed(0)} ms`);
  const percent = (share: number | undefined): string =>
    share === undefined ? NONE : `${(share * 100).toFixed(1)} %`;
  const price = { naive: NONE, flat: NONE, spine: usd("price"), "spine, one group": usd("price-group") };
  const beside = PRICES_BESIDE.map(({ what, usd: price }) => `${what} $${price.toFixed(0)}`).join(", ");
  return [
    "| | direct calls, as mostly written | a well-built orchestrator | Event Spine | its agents in one group |",
    "| --- | --- | --- | --- | --- |",
    line("3 agents in sequence, coordination alone, median", (arm) => ms(light(arm, 3)?.latency.p50)),
    line(`sessions with an incident or a late answer, faults ×${FAULTS}`, (arm) =>
      percent(faulty(arm)?.troubled.share),
    ),
    line("CPU of a session of 5 agents", (arm) => ms(light(arm, 5)?.cpuASession)),
    line("AWS's price for a million such sessions", (arm) => price[arm]),
    "",
    `Beside the last line, at list prices: ${beside}.`,
  ].join("\n");
}
