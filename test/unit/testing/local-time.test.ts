import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../support/runs.ts";
import { clockChanges, inZone, localTime, nextWeekday } from "#testing/time/local-time.ts";

const utc = (text: string) => Date.parse(`${text}Z`);
const BERLIN = "Europe/Berlin";
/** With half and three-quarter hours, without clock changes, and one that skipped a whole day. */
const ZONES = [BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "UTC"];

describe("a local time", () => {
  it.each([
    ["2026-01-15T12:00", BERLIN, "2026-01-15T11:00"],
    ["2026-07-15T12:00", BERLIN, "2026-07-15T10:00"],
    ["2026-07-15", "America/New_York", "2026-07-15T04:00"],
    ["2026-07-15T12:00:30", "Asia/Kathmandu", "2026-07-15T06:15:30"],
    ["2028-02-29T00:00", "UTC", "2028-02-29T00:00"],
  ])("%s in %s is %s in UTC", (text, zone, expected) => {
    expect(localTime(text, zone)).toBe(utc(expected));
  });

  it("that a clock change leaves out is as much later, as Temporal has it", () => {
    expect(localTime("2026-03-29T02:30", BERLIN)).toBe(utc("2026-03-29T01:30"));
    expect(localTime("2026-03-29T02:30", BERLIN, "later")).toBe(utc("2026-03-29T01:30"));
    expect(localTime("2026-03-29T02:30", BERLIN, "earlier")).toBe(utc("2026-03-29T00:30"));
    expect(() => localTime("2026-03-29T02:30", BERLIN, "reject")).toThrow("does not come in Europe/Berlin");
  });

  it("that comes twice is the first, unless the later is meant", () => {
    expect(localTime("2026-10-25T02:30", BERLIN)).toBe(utc("2026-10-25T00:30"));
    expect(localTime("2026-10-25T02:30", BERLIN, "later")).toBe(utc("2026-10-25T01:30"));
    expect(() => localTime("2026-10-25T02:30", BERLIN, "reject")).toThrow("comes twice in Europe/Berlin");
  });

  it.each([
    ["2026-02-29T10:00", BERLIN, /is no date and time\. Write it as/],
    ["tomorrow", BERLIN, /"tomorrow" is no date and time/],
    ["2026-03-01T24:00", BERLIN, /is no date and time/],
    ["2026-03-01T10:00", "Europe/Atlantis", /"Europe\/Atlantis" is no time zone/],
  ])("%s in %s is refused", (text, zone, message) => {
    expect(() => localTime(text, zone)).toThrow(message);
  });

  it("is what a clock of the zone shows at the moment, for any moment", () => {
    const moments = fc.integer({ min: utc("1990-01-01T00:00"), max: utc("2060-01-01T00:00") });
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), moments, (zone, ms) => {
        const whole = ms - (ms % 1_000);
        const { date, time } = inZone(whole, zone);
        const found = (["earlier", "later"] as const).map((one) => localTime(`${date}T${time}`, zone, one));
        expect(found).toContain(whole);
      }),
      { numRuns: runs(300) },
    );
  });
});

describe("a moment in a time zone", () => {
  it("has date, time, weekday and offset", () => {
    expect(inZone(utc("2026-03-28T23:30"), BERLIN)).toEqual({
      date: "2026-03-29",
      time: "00:30:00",
      weekday: "Sunday",
      offsetMinutes: 60,
    });
    expect(inZone(utc("2026-03-29T01:00"), BERLIN)).toMatchObject({ time: "03:00:00", offsetMinutes: 120 });
    expect(inZone(-1, "UTC")).toMatchObject({ date: "1969-12-31", time: "23:59:59" });
  });
});

describe("the next weekday", () => {
  it("is after the moment, if need be a week later, at the local time", () => {
    const friday = localTime("2026-03-27T09:00", BERLIN);
    expect(nextWeekday("Friday", "09:01", BERLIN, friday)).toBe(friday + 60_000);
    expect(nextWeekday("Friday", "09:00", BERLIN, friday)).toBe(localTime("2026-04-03T09:00", BERLIN));
    expect(nextWeekday("Monday", "09:00", BERLIN, friday)).toBe(utc("2026-03-30T07:00"));
  });
});

describe("clock changes", () => {
  it("are found to the millisecond", () => {
    expect(clockChanges(BERLIN, 2026)).toEqual([
      { at: utc("2026-03-29T01:00"), fromMinutes: 60, toMinutes: 120 },
      { at: utc("2026-10-25T01:00"), fromMinutes: 120, toMinutes: 60 },
    ]);
    expect(clockChanges("Asia/Kathmandu", 2026)).toEqual([]);
  });
});
