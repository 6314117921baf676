import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { drill } from "../../scripts/drill/drill.ts";
import { drillProblems, drillTable } from "../../scripts/drill/table.ts";
import { synthesize } from "#local/synth.ts";

const PATIENCE = fileURLToPath(new URL("fixture/patience/", import.meta.url));
/** Quick ones, of each kind of metric. */
const SOME = [
  "lost-letters",
  "stuck-inputs",
  "stuck-deadlines",
  "ingress-5xx",
  "relay-behind",
  "events-dropped",
];

describe("the drill of some alarms, on a spine without agents", () => {
  it("makes each ring during its fault, and none before or after", { timeout: 240_000 }, async () => {
    const { templateDir } = await synthesize({ app: `${PATIENCE}app.ts`, sources: [PATIENCE] });
    const report = await drill({
      templateDir,
      only: (alarm) => SOME.includes(alarm),
      event: (id) => ({ id, type: "Told", data: {} }),
    });
    expect(report.alarms.map(({ alarm }) => alarm).toSorted()).toEqual(SOME.toSorted());
    expect(drillProblems(report)).toEqual([]);
  });
});

describe("a drill's report", () => {
  const drilled = (alarm: string, afterMs?: number) => ({
    alarm,
    trouble: `the agent ${alarm} dies`,
    afterMs,
  });
  const report = { alarms: [], falseAlarms: [], lasting: [], calmMs: 0 };

  it("reports silent alarms, false alarms, and alarms without a drill", () => {
    const alarms = [drilled("rang", 60_000), drilled("silent"), { ...drilled("new"), trouble: undefined }];
    expect(drillProblems({ ...report, alarms, falseAlarms: ["early"], lasting: ["late"] })).toEqual([
      "silent did not ring when the agent silent dies.",
      "new has no scenario: add one to scripts/drill/scenarios.",
      "early rang while nothing was wrong.",
      "late kept ringing after its cause had ended.",
    ]);
  });

  it("has one row for all agents, with the slowest of them", () => {
    const of = (name: string, afterMs?: number) => ({
      alarm: `agent-${name}-letters`,
      trouble: `the agent ${name} dies`,
      afterMs,
    });
    const rowsOf = (...alarms: readonly ReturnType<typeof of>[]) =>
      drillTable({ ...report, alarms })
        .split("\n")
        .slice(2);
    expect(rowsOf(of("a", 60_000), of("b", 3 * 3_600_000))).toEqual([
      "| `agent-NAME-letters` | the agent NAME dies | 3 h |",
    ]);
    expect(rowsOf(of("a", 60_000), of("b"))).toEqual([
      "| `agent-NAME-letters` | the agent NAME dies | never |",
    ]);
  });
});
