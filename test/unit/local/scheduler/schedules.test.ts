import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSchedule } from "#core/schedule/schedule-expression.ts";
import { nextTime } from "#local/scheduler/next-time.ts";
import { runs } from "../../../support/runs.ts";

const at = (text: string): number => Date.parse(text);
/** The next times of a schedule, as UTC. */
function times(expression: string, after: string, count: number, zone = "UTC"): readonly string[] {
  const found: string[] = [];
  let last = at(after);
  while (found.length < count) {
    const next = nextTime(parseSchedule(expression), zone, last, at(after));
    if (next === undefined) break;
    found.push(new Date(next).toISOString().replace(":00.000Z", "Z"));
    last = next;
  }
  return found;
}

describe("a schedule's expression", () => {
  it.each([
    "rate(0 minutes)",
    "rate(1 minutes)",
    "rate(2 hour)",
    "rate(1.5 hours)",
    "rate(5 weeks)",
    " rate(1 hour)",
    "at(2026-11-30)",
    "at(2026-13-01T00:00:00)",
    "at(2026-11-30T09:00:00Z)",
    "cron(0 2 * * *)",
    "cron(0 2 * * * *)",
    "cron(0 2 ? * ? *)",
    "cron(60 2 * * ? *)",
    "cron(0 24 * * ? *)",
    "cron(0 2 0 * ? *)",
    "cron(0 2 * 13 ? *)",
    "cron(0 2 ? * 8 *)",
    "cron(0 2 ? * TUE#6 *)",
    "cron(0 2 * * ? 1969)",
    "cron(5-1 2 * * ? *)",
    "cron(0 2 32W * ? *)",
    "cron(*/0 2 * * ? *)",
    "every hour",
  ])("%s is refused with what to write", (expression) => {
    expect(() => parseSchedule(expression)).toThrow(/cannot be read\. (?:Write|See)/);
  });
});

describe("the next time of a schedule", () => {
  it.each<readonly [expression: string, after: string, found: readonly string[]]>([
    ["rate(15 minutes)", "2026-03-01T10:00:00Z", ["2026-03-01T10:15Z", "2026-03-01T10:30Z"]],
    ["cron(0 2 * * ? *)", "2026-03-01T02:00:00Z", ["2026-03-02T02:00Z", "2026-03-03T02:00Z"]],
    ["cron(30/15 9-10 ? * MON-FRI *)", "2026-03-06T10:40:00Z", ["2026-03-06T10:45Z", "2026-03-09T09:30Z"]],
    ["cron(0 9 ? * FRI-MON *)", "2026-03-05T00:00:00Z", ["2026-03-06T09:00Z", "2026-03-07T09:00Z"]],
    ["cron(0 9 L * ? *)", "2028-01-31T09:00:00Z", ["2028-02-29T09:00Z", "2028-03-31T09:00Z"]],
    ["cron(0 9 LW * ? *)", "2026-05-01T00:00:00Z", ["2026-05-29T09:00Z", "2026-06-30T09:00Z"]],
    ["cron(0 9 1W * ? *)", "2026-07-15T00:00:00Z", ["2026-08-03T09:00Z", "2026-09-01T09:00Z"]],
    ["cron(0 9 31W * ? *)", "2026-05-01T00:00:00Z", ["2026-05-29T09:00Z", "2026-07-31T09:00Z"]],
    ["cron(0 9 ? * TUE#2 *)", "2026-03-01T00:00:00Z", ["2026-03-10T09:00Z", "2026-04-14T09:00Z"]],
    ["cron(0 9 ? * 6L *)", "2026-03-01T00:00:00Z", ["2026-03-27T09:00Z", "2026-04-24T09:00Z"]],
    ["cron(0 9 ? * L *)", "2026-03-01T00:00:00Z", ["2026-03-07T09:00Z", "2026-03-14T09:00Z"]],
    ["cron(0 0 29 FEB ? *)", "2026-03-01T00:00:00Z", ["2028-02-29T00:00Z", "2032-02-29T00:00Z"]],
    ["cron(0 0 1 JAN,JUL ? 2026-2027)", "2026-12-01T00:00:00Z", ["2027-01-01T00:00Z", "2027-07-01T00:00Z"]],
    ["cron(0 0 1 1 ? 2026)", "2026-12-01T00:00:00Z", []],
    ["cron(0 0 30 2 ? *)", "2026-12-01T00:00:00Z", []],
    ["at(2026-11-30T09:00:00)", "2026-11-29T00:00:00Z", ["2026-11-30T09:00Z"]],
    ["at(2026-11-30T09:00:00)", "2026-11-30T09:00:00Z", []],
  ])("of %s after %s", (expression, after, found) => {
    expect(times(expression, after, 2)).toEqual(found);
  });

  it("of a rate is at once, as nothing says when it starts", () => {
    expect(
      nextTime(
        parseSchedule("rate(1 day)"),
        "UTC",
        at("2026-03-01T00:00:00Z") - 1,
        at("2026-03-01T00:00:00Z"),
      ),
    ).toBe(at("2026-03-01T00:00:00Z"));
  });

  it("follows the zone's clock through its changes: a time left out is skipped, one that comes twice counts once", () => {
    const night = (after: string) => times("cron(30 2 * * ? *)", after, 3, "Europe/Berlin");
    expect(night("2026-03-28T00:00:00Z")).toEqual([
      "2026-03-28T01:30Z",
      "2026-03-30T00:30Z",
      "2026-03-31T00:30Z",
    ]);
    expect(night("2026-10-24T01:00:00Z")).toEqual([
      "2026-10-25T00:30Z",
      "2026-10-26T01:30Z",
      "2026-10-27T01:30Z",
    ]);
    expect(times("at(2026-03-29T02:30:00)", "2026-01-01T00:00:00Z", 1, "Europe/Berlin")).toEqual([]);
  });

  it.each([
    ["Pacific/Kiritimati", "2026-02-28T10:00Z"],
    ["Pacific/Pago_Pago", "2026-03-01T11:00Z"],
    ["America/St_Johns", "2026-03-01T03:30Z"],
    ["Asia/Kathmandu", "2026-02-28T18:15Z"],
  ])("of midnight on the first of March in %s", (zone, found) => {
    expect(times("cron(0 0 1 3 ? 2026)", "2026-02-01T00:00:00Z", 1, zone)).toEqual([found]);
  });

  it("of a rate of a day is 24 hours later, whatever the clock shows", () => {
    expect(times("rate(1 day)", "2026-03-28T12:00:00Z", 2, "Europe/Berlin")).toEqual([
      "2026-03-29T12:00Z",
      "2026-03-30T12:00Z",
    ]);
  });

  it("is always later, and no earlier one is passed over", () => {
    const zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"];
    fc.assert(
      fc.property(
        fc.integer({ min: at("2026-01-01"), max: at("2028-01-01") }),
        fc.integer({ min: 1, max: 40 * 3_600_000 }),
        fc.constantFrom(...zones),
        fc.constantFrom("cron(0/20 * * * ? *)", "cron(15 1,2,3 ? * SAT,SUN,MON *)"),
        (after, later, zone, expression) => {
          const schedule = parseSchedule(expression);
          const next = nextTime(schedule, zone, after, after) ?? 0;
          expect(next).toBeGreaterThan(after);
          const between = after + (later % (next - after));
          expect(nextTime(schedule, zone, between, after)).toBe(next);
        },
      ),
      { numRuns: runs(50) },
    );
  });
});
