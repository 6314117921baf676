import { describe, expect, it } from "vitest";
import { addStacks } from "../../infra/stacks/spine-app.ts";
import { kindOf, nameIn } from "../../scripts/drill/alarm-kind.ts";
import { scenariosFor } from "../../scripts/drill/drill.ts";
import { newApp, templatesOf } from "../infra/fixture.ts";
import { resourcesOf } from "../infra/resources.ts";
import { tableOf } from "./pages.ts";

const PAGE = "docs/operations.md";
const PREFIX = "spine-";

/** Names of all alarms that a deployment can have. */
function alarmNames(): readonly string[] {
  const app = newApp();
  addStacks(app, {
    prefix: "spine",
    mirror: true,
    questions: {},
    retention: { "*": "P90D" },
    personal: { "*": ["input.email"] },
    quotas: { "*": { perSecond: 50 } },
  });
  return Object.values(templatesOf(app))
    .flatMap((template) => resourcesOf(template, "AWS::CloudWatch::Alarm"))
    .map(({ Properties }) => String(Properties?.["AlarmName"]));
}

const names = alarmNames();

describe("docs/operations.md", () => {
  const kinds = [...new Set(names.map((name) => kindOf(name.slice(PREFIX.length))))].toSorted();
  const rows = tableOf(PAGE, "alarm", "means", "do");
  const drilled = tableOf(PAGE, "alarm", "trouble", "rings after");

  it("explains every alarm of the template, and no other", () => {
    expect(kinds.length).toBeGreaterThan(35);
    expect(rows.map(([alarm]) => alarm).toSorted()).toEqual(kinds);
  });

  it("says what each means and what to do", () => {
    expect(rows.filter((row) => row.length !== 3 || row.some((cell) => cell === ""))).toEqual([]);
  });

  it("contains the drill's table, with the fault that drills each alarm", () => {
    const scenarios = scenariosFor(names.map((name) => ({ name })));
    const expected = names.map((name) => {
      const alarm = name.slice(PREFIX.length);
      const trouble = scenarios.find(({ rings }) => rings(alarm))?.trouble ?? "no scenario";
      const part = nameIn(alarm);
      return [kindOf(alarm), part === undefined ? trouble : trouble.replace(` ${part} `, " NAME ")].join(
        ": ",
      );
    });
    expect(drilled.map(([alarm, trouble]) => `${alarm}: ${trouble}`).toSorted()).toEqual(
      [...new Set(expected)].toSorted(),
    );
    expect(drilled.filter(([, trouble, after]) => trouble === "no scenario" || after === "never")).toEqual(
      [],
    );
  });
});

describe("the drill", () => {
  it("has one scenario for each alarm, so that the table is complete", () => {
    const scenarios = scenariosFor(names.map((name) => ({ name })));
    const counts = names.map((name) => [
      name,
      scenarios.filter(({ rings }) => rings(name.slice(PREFIX.length))).length,
    ]);
    expect(counts.filter(([, count]) => count !== 1)).toEqual([]);
  });
});
