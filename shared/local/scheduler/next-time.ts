import type { ScheduleTimes } from "#core/schedule/schedule-expression.ts";
import type { CronDays } from "#core/schedule/cron-fields.ts";

const DAY_MS = 86_400_000;
/** Every date that cron can name comes within so many days: a 29 February on one weekday takes up to 40 years. */
const MOST_DAYS = 15_000;

/** A calendar's date; `month` from 1. */
interface LocalDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/**
 * The first time after `after` at which a schedule fires, in ms; none where it has ended. A local time that a clock change leaves out
 * is skipped; one that comes twice counts once, the first time. `start`, ms: a rate counts from then.
 */
export function nextTime(
  times: ScheduleTimes,
  zone: string,
  after: number,
  start: number,
): number | undefined {
  switch (times.kind) {
    case "rate":
      return after < start
        ? start
        : start + (Math.floor((after - start) / times.everyMs) + 1) * times.everyMs;
    case "at": {
      const at = instantOf(Date.parse(`${times.local}Z`), zone);
      return at !== undefined && at > after ? at : undefined;
    }
    case "cron":
      return nextOfCron(times, zone, after);
  }
}

function nextOfCron(
  { minutes, hours, months, years, days }: Extract<ScheduleTimes, { readonly kind: "cron" }>,
  zone: string,
  after: number,
): number | undefined {
  // From the day before: zones are up to a day apart.
  const first = Math.floor(after / DAY_MS) * DAY_MS - DAY_MS;
  const lastYear = years.at(-1) ?? 0;
  for (let at = first; at <= first + MOST_DAYS * DAY_MS; at += DAY_MS) {
    const date = dateOf(at);
    if (date.year > lastYear) return undefined;
    if (!years.includes(date.year) || !months.includes(date.month) || !isOn(days, date)) continue;
    const found = hours
      .flatMap((hour) => minutes.map((minute) => instantOf(at + hour * 3_600_000 + minute * 60_000, zone)))
      .filter((time): time is number => time !== undefined && time > after);
    if (found.length > 0) return Math.min(...found);
  }
  return undefined;
}

/** The first instant whose wall clock in the zone shows this time, given as if it were UTC; none if no clock shows it. */
function instantOf(wall: number, zone: string): number | undefined {
  const offsets = new Set([wall - DAY_MS, wall + DAY_MS].map((near) => wallClock(near, zone) - near));
  const found = [...offsets]
    .map((offset) => wall - offset)
    .filter((instant) => wallClock(instant, zone) === wall);
  return found.length === 0 ? undefined : Math.min(...found);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What a clock on the wall shows, as if it were UTC. */
function wallClock(at: number, zone: string): number {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      calendar: "gregory",
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
  formats.set(zone, format);
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function dateOf(at: number): LocalDate {
  const date = new Date(at);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** 1 is Sunday. */
const weekdayOf = ({ year, month, day }: LocalDate): number =>
  new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;
const daysIn = ({ year, month }: LocalDate): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

function isOn(days: CronDays, date: LocalDate): boolean {
  switch (days.kind) {
    case "of-month":
      return days.days.includes(date.day);
    case "last-of-month":
      return date.day === daysIn(date);
    case "weekday-near":
      return date.day === nearestWeekday(date, days.day);
    case "of-week":
      return days.days.includes(weekdayOf(date));
    case "nth-of-week":
      if (weekdayOf(date) !== days.day) return false;
      return days.nth === "last" ? date.day + 7 > daysIn(date) : Math.ceil(date.day / 7) === days.nth;
  }
}

/** Within the month; none for a day that it does not have. */
function nearestWeekday(date: LocalDate, wanted: number | "last"): number | undefined {
  const last = daysIn(date);
  const day = wanted === "last" ? last : wanted;
  if (day > last) return undefined;
  const weekday = weekdayOf({ ...date, day });
  if (weekday === 7) return day === 1 ? 3 : day - 1;
  if (weekday === 1) return day === last ? day - 2 : day + 1;
  return day;
}
