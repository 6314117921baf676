import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ARM_NAMES, chartsOf } from "../../scripts/bench/charts.ts";
import { flatnessRows } from "../../scripts/bench/flatness-rows.ts";
import { leverCells, QUICK } from "../../scripts/bench/experiments.ts";
import { MAIN_ARMS, playCell, type Cell } from "../../scripts/bench/cell.ts";
import { FRONT_FIGURES, frontFigures } from "../../scripts/bench/front-figures.ts";
import { formatted } from "../../scripts/pages/formatted.ts";
import { pageOf } from "../../scripts/bench/page.ts";
import { PARAMS_HASH } from "../../scripts/bench/params.ts";
import { newestResult, RESULTS, type BenchResult } from "../../scripts/bench/result.ts";
import { rowsOf } from "../../scripts/bench/rows.ts";
import { summarize } from "../../scripts/bench/summary.ts";
import { withBlock } from "../../scripts/pages/written-block.ts";
import { ROOT } from "../architecture/source.ts";
import { TENANT_CASES, tenantCells } from "../../scripts/bench/tenants.ts";

const cellOf = (
  arm: string,
  agents: number,
  work: Cell["work"],
  perSecond: number,
  faults: number,
): Cell => ({
  arm,
  seed: 1,
  agents,
  cap: 20,
  work,
  arrivals: { perSecond, forMs: 10_000, bursty: false },
  faults,
  ...(arm === "naive" && work === "coordination" && { changed: { "load.fetches": 4 } }),
});

async function played(work: Cell["work"], perSecond: number, faults: number) {
  const cells = [3, 5].flatMap((agents) =>
    MAIN_ARMS.map((arm) => cellOf(arm, agents, work, perSecond, faults)),
  );
  return playedCells(cells);
}

const playedCells = async (cells: readonly Cell[]) =>
  summarize(await Promise.all(cells.map(async (cell) => ({ ...(await playCell(cell)), cell }))));

let result: BenchResult;

beforeAll(async () => {
  const simulated = {
    light: await played("coordination", 1, 0),
    levers: await playedCells(leverCells({ ...QUICK, seeds: 1, forMs: 10_000 })),
    load: await played("models", 1, 0),
    faults: await played("effect", 1, 10),
    tenants: await playedCells(tenantCells({ seeds: 1, forMs: 60_000 })),
  };
  const tornado = [{ parameter: "cpu.door", arm: "spine", low: 300, high: 320 }];
  result = {
    params: PARAMS_HASH,
    date: "2026-01-02",
    machine: "a machine",
    rows: rowsOf(simulated, {}),
    simulated: { ...simulated, tornado },
    engines: [],
  };
}, 60_000);

describe("the rows of a result", () => {
  it("have a value where it was measured, and say where it was not", () => {
    for (const { value, met, how } of result.rows) {
      expect(value === null).toBe(met === null);
      expect(how).not.toBe("");
    }
    const price = result.rows.find(({ id }) => id === "price");
    expect(price).toMatchObject({ value: null, met: null, how: "not measured in this run" });
    expect(result.rows.find(({ id }) => id === "cpu")?.value).toBeGreaterThan(1);
  });

  it("are met on the better side of their bounds alone", () => {
    for (const { value, bound, smaller, met } of result.rows)
      if (value !== null) expect(met).toBe(smaller ? value <= bound : value >= bound);
  });
});

describe("what is in trouble", () => {
  it("counts a session once, whether it has an incident, is late, or both", async () => {
    const summaries = [...result.simulated.faults, ...(await played("effect", 2, 100))];
    for (const { troubled, incidents, late, refused } of summaries) {
      expect(troubled.share).toBeGreaterThanOrEqual(incidents.any.share);
      expect(troubled.share).toBeLessThanOrEqual(1);
      expect(refused).toBeLessThanOrEqual(1);
      expect(incidents.any.share + (late[5]?.share ?? NaN)).toBeGreaterThanOrEqual(troubled.share * 0.9);
    }
    // Lost messages are late too.
    const naive = summaries.find(({ arm, faults }) => arm === "naive" && faults === 100);
    expect((naive?.incidents.lost.share ?? 0) > 0 && (naive?.late[5]?.share ?? 0) > 0).toBe(true);
  });
});

describe("fallbacks, doubt and refusals", () => {
  it("are counted for every arm, apart from incidents and from each other", () => {
    for (const { outcomes, refused, sessions } of result.simulated.faults) {
      for (const { share, low, high } of Object.values(outcomes)) {
        expect(low <= share && share <= high).toBe(true);
        if (share === 0) expect(high).toBeCloseTo(Math.min(1, 3 / sessions), 12);
      }
      expect(outcomes.refusal.share > 0).toBe(refused > 0);
    }
  });

  it("have a table of their own, with the arms' intervals", () => {
    const [, section = ""] = pageOf(result).split("### Fallbacks, doubt and refusals");
    const [table = ""] = section.split("## Price");
    for (const { arm } of result.simulated.faults) expect(table).toContain(ARM_NAMES[arm] ?? arm);
    expect(table.match(/\(0\.00 % to /g)?.length).toBeGreaterThan(0);
  });
});

describe("the rows of flatness", () => {
  const cost = (cpuMicros: number, portCalls = 20) => ({
    cpuMicros,
    portCalls,
    bytesWritten: 100,
    bytesRead: 100,
  });
  const stored = { events: 0, now: 0, commits: [], markers: [], blobs: [] };
  const rows = (old: number, calls: number) =>
    flatnessRows({ young: cost(100), old: cost(old, calls), beside: cost(101), grown: [stored, stored] });

  it("hold the greatest ratio of CPU, requests and bytes to the bound", () => {
    expect(rows(110, 20).map(({ value, met }) => [value, met])).toEqual([
      [1.1, true],
      [1.01, true],
    ]);
    expect(rows(110, 30)[0]).toMatchObject({ value: 1.5, met: false });
  });

  it("say that a run has not measured them", () => {
    expect(flatnessRows(undefined).map(({ value, how }) => [value, how])).toEqual([
      [null, "not measured in this run"],
      [null, "not measured in this run"],
    ]);
  });
});

describe("a quiet tenant beside one that floods", () => {
  const caseNamed = (name: string) => {
    const { tenants = [] } = result.simulated;
    const found = tenants[TENANT_CASES.findIndex((one) => one.name === name)];
    if (found === undefined) throw new Error(`No case was played that is named "${name}".`);
    return found;
  };

  it("is answered as it is alone where tasks of a tenant in flight are bounded, and is not without the bound", () => {
    expect(caseNamed("beside the flood").answered).toBe(1);
    expect(result.rows.find(({ id }) => id === "tenant-p50")).toMatchObject({ met: true });
    expect(caseNamed("beside the flood, without a bound").answered).toBeLessThan(0.9);
  });

  it("is counted alone: the tenant that floods is in no figure", () => {
    expect(caseNamed("beside the flood").messages).toBe(caseNamed("alone").messages);
    expect(caseNamed("beside the flood").sessions).toBe(caseNamed("alone").sessions);
  });
});

describe("the page of a result", () => {
  it("begins with where others win and what must not be concluded", () => {
    const headings = pageOf(result)
      .split("\n")
      .filter((line) => line.startsWith("## "));
    expect(headings.slice(0, 3)).toEqual([
      "## Where others win",
      "## What must not be concluded",
      "## The figures",
    ]);
  });

  it("has every row, every arm and no value that is not a number", () => {
    const page = pageOf(result);
    for (const { measure } of result.rows) expect(page).toContain(measure);
    expect(page).not.toMatch(/NaN|undefined|null/);
  });

  it("shows charts that name their axes, and draws each value inside its chart", () => {
    const charts = chartsOf(result.simulated);
    for (const [name, svg] of Object.entries(charts)) {
      expect(pageOf(result)).toContain(`(${name})`);
      expect(svg).toMatch(/^<svg [^>]*aria-label="[^"]+">/);
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      for (const [, x] of svg.matchAll(/ cx="([^"]+)"/g)) expect(Number(x)).toBeLessThanOrEqual(720);
      for (const [, y] of svg.matchAll(/ cy="([^"]+)"/g)) expect(Number(y)).toBeLessThanOrEqual(380);
    }
  });
});

describe("the newest full result", () => {
  it("stands on the parameters as they are", () => {
    expect(newestResult()?.params).toBe(PARAMS_HASH);
  });

  it("is there with its page and charts", () => {
    const newest = newestResult();
    if (newest === undefined)
      throw new Error("docs/bench has no result: npm run bench -- --write makes one.");
    for (const name of ["README.md", ...Object.keys(chartsOf(newest.simulated))])
      expect(existsSync(join(RESULTS, name))).toBe(true);
  });

  it("gives README.md its figures: npm run bench -- --page", async () => {
    const newest = newestResult();
    if (newest === undefined) throw new Error("There is no full result.");
    const path = join(ROOT, FRONT_FIGURES.page);
    const page = readFileSync(path, "utf8");
    expect(page).toBe(await formatted(path, withBlock(page, FRONT_FIGURES, frontFigures(newest))));
  });
});
