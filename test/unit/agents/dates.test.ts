import { describe, expect, it } from "vitest";
import { addDays, civilDay, dayNumber, longDay, weekdayOf } from "#contracts/day.ts";
import { dateMentions } from "#functions/agents/inquiry/dates.ts";
import { timeAsked } from "#functions/agents/inquiry/read-times.ts";

describe("a day", () => {
  it("agrees with the platform's calendar on every day of four centuries", () => {
    const first = Date.UTC(1900, 0, 1) / 86_400_000;
    for (let number = first; number < first + 146_097; number += 13) {
      const day = new Date(number * 86_400_000).toISOString().slice(0, 10);
      expect(dayNumber(day)).toBe(number);
      expect(addDays("1970-01-01", number)).toBe(day);
      expect(weekdayOf(day)).toBe(new Date(number * 86_400_000).getUTCDay());
    }
  });

  it.each(["2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "26-04-01", ""])(
    "%s is not a day",
    (text) => {
      expect(civilDay(text)).toBeUndefined();
    },
  );

  it("is read in the forms that people write", () => {
    expect(longDay("2028-02-29")).toBe("Tuesday 29 February 2028");
  });
});

const MONDAY = "2026-03-02";
const spans = (text: string, today = MONDAY, locale: "en-GB" | "en-US" = "en-GB") =>
  dateMentions(text, { today, locale }).map(({ span }) =>
    span.from === span.until ? span.from : `${span.from}..${span.until}`,
  );

describe("days in a message", () => {
  it.each([
    ["friday 13 march", "2026-03-13"],
    ["friday the 13th of march", "2026-03-13"],
    ["thursday , march 12", "2026-03-12"],
    ["tuesday the 10th", "2026-03-10"],
  ])("%s is the day of the date itself, not the next such weekday", (text, day) => {
    expect(spans(text)).toEqual([day]);
  });

  it.each([
    ["today or tomorrow", ["2026-03-02", "2026-03-03"]],
    ["the day after tomorrow", ["2026-03-04"]],
    ["on monday", ["2026-03-09"]],
    ["this friday", ["2026-03-06"]],
    ["next friday", ["2026-03-13"]],
    ["a week on friday", ["2026-03-13"]],
    ["friday next week", ["2026-03-13"]],
    ["in three days", ["2026-03-05"]],
    ["in a week", ["2026-03-09"]],
    ["3rd of april", ["2026-04-03"]],
    ["april 3rd", ["2026-04-03"]],
    ["1 march", ["2027-03-01"]],
    ["2 march", ["2026-03-02"]],
    ["29 february", []],
    ["31/4", []],
    ["4/5/26", ["2026-05-04"]],
    ["2026-03-31", ["2026-03-31"]],
    ["the 1st", ["2026-04-01"]],
    ["between 3 and 5 april", ["2026-04-03..2026-04-05"]],
    ["between wednesday and friday", ["2026-03-04..2026-03-06"]],
    ["before friday", ["2026-03-02..2026-03-05"]],
    ["by friday", ["2026-03-02..2026-03-06"]],
    ["after friday", ["2026-03-07..2026-03-20"]],
    ["not on friday", []],
    ["this weekend", ["2026-03-07..2026-03-08"]],
    ["next week", ["2026-03-09..2026-03-15"]],
    ["early next week", ["2026-03-09..2026-03-11"]],
    ["next month", ["2026-04-01..2026-04-30"]],
    ["as soon as possible", ["2026-03-02..2026-03-15"]],
    ["i may march there in a sec", []],
  ])("%s", (text, expected) => {
    expect(spans(text)).toEqual(expected);
  });

  it("continue past the end of a year", () => {
    expect(spans("on 2 january", "2026-12-30")).toEqual(["2027-01-02"]);
    expect(spans("next month", "2026-12-30")).toEqual(["2027-01-01..2027-01-31"]);
  });

  it("skip months without such a day", () => {
    expect(spans("on the 31st", "2026-04-01")).toEqual(["2026-05-31"]);
  });

  it("are read month first in America", () => {
    expect(spans("on 4/5", MONDAY, "en-US")).toEqual(["2026-04-05"]);
  });

  it("have weeks that begin on Monday", () => {
    expect(spans("next tuesday", "2026-03-08")).toEqual(["2026-03-10"]);
    expect(spans("this weekend", "2026-03-08")).toEqual(["2026-03-08"]);
  });
});

describe("times in a message", () => {
  it.each([
    ["at 9", "09:00", "09:00"],
    ["at 3", "15:00", "15:00"],
    ["12am", "00:00", "00:00"],
    ["12 pm", "12:00", "12:00"],
    ["at 10.30", "10:30", "10:30"],
    ["quarter to nine", "08:45", "08:45"],
    ["half past two", "14:30", "14:30"],
    ["between 9 and 11", "09:00", "11:00"],
    ["between 10 and 2", "10:00", "14:00"],
    ["between 9 and 11am", "09:00", "11:00"],
    ["from 8am to 12", "08:00", "12:00"],
    ["after 4pm", "16:00", "23:59"],
    ["before 10", "00:00", "10:00"],
    ["in the evening at 6", "18:00", "18:00"],
    ["in the afternoon", "12:00", "17:00"],
  ])("%s", (text, from, until) => {
    expect(timeAsked(text)).toEqual({ from, until });
  });

  it.each(["2 bedrooms", "at 29", "14 people", "hs-2044"])("%s is not a time", (text) => {
    expect(timeAsked(text)).toBeUndefined();
  });
});
