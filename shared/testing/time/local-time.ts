import { SpineError } from "#core/errors.ts";

/** Which of two moments a local time means at a clock change, or what comes in the place of one that there is not; as in Temporal. */
export type Disambiguation = "compatible" | "earlier" | "later" | "reject";

export type Weekday = "Monday" | "Tuesday" | "Wednesday" | "Thursday" | "Friday" | "Saturday" | "Sunday";

/** A moment as clocks and calendars show it in a time zone. */
export interface LocalMoment {
  /** `2026-03-29`. */
  readonly date: string;
  /** `03:30:00`. */
  readonly time: string;
  readonly weekday: Weekday;
  /** Of the local time to UTC, minutes; 60 for Berlin in winter. */
  readonly offsetMinutes: number;
}

/** A moment from which on clocks of a time zone are set to another offset. */
export interface ClockChange {
  /** ms since the epoch. */
  readonly at: number;
  readonly fromMinutes: number;
  readonly toMinutes: number;
}

const TEXT = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}))?)?$/;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * The moment of a local time in a time zone of the IANA database, ms since the epoch: where a movable clock begins, or is moved to.
 * Of two moments of a night in which clocks are set back it is the first, and for a time that is left out as much later; `reject` throws
 * for both.
 *
 * @throws {SpineError} `setting.invalid` for no date and time, an unknown time zone, or what is rejected
 * @example
 * const clockChangeNight = createMovableClock(localTime("2026-03-29T01:30", "Europe/Berlin"));
 */
export function localTime(text: string, zone: string, disambiguation: Disambiguation = "compatible"): number {
  const wall = wallOf(text);
  const moments = [offsetAt(zone, wall - DAY_MS), offsetAt(zone, wall + DAY_MS)].map(
    (offset) => wall - offset * MINUTE_MS,
  );
  const real = [...new Set(moments.filter((moment) => wallAt(zone, moment) === wall))].toSorted(
    (a, b) => a - b,
  );
  const [first] = real;
  const last = real.at(-1);
  if (first !== undefined && last !== undefined) {
    if (first !== last && disambiguation === "reject")
      throw invalid("text", `${text} comes twice in ${zone}`, 'Say "earlier" or "later".');
    return disambiguation === "later" ? last : first;
  }
  if (disambiguation === "reject")
    throw invalid("text", `${text} does not come in ${zone}: clocks are set forward`, "Give another time.");
  return disambiguation === "earlier" ? Math.min(...moments) : Math.max(...moments);
}

/**
 * What clocks and calendars of a time zone show at a moment.
 *
 * @example
 * const { weekday, time } = inZone(clock.now(), "Asia/Kolkata");
 */
export function inZone(ms: number, zone: string): LocalMoment {
  const wall = wallAt(zone, ms);
  const [date = "", time = ""] = new Date(wall).toISOString().slice(0, 19).split("T");
  return { date, time, weekday: weekdayOf(wall), offsetMinutes: (wall - ms) / MINUTE_MS };
}

/**
 * The next moment at which it is this time on this weekday in a time zone: strictly after `after`, ms since the epoch.
 *
 * @example
 * await clock.runTo(nextWeekday("Saturday", "09:00", "Europe/London", clock.now()));
 */
export function nextWeekday(weekday: Weekday, time: string, zone: string, after: number): number {
  for (let day = 0; day <= 8; day += 1) {
    const wall = wallAt(zone, after) + day * DAY_MS;
    if (weekdayOf(wall) !== weekday) continue;
    const date = new Date(wall).toISOString().slice(0, 10);
    const moment = localTime(`${date}T${time}`, zone);
    if (moment > after) return moment;
  }
  throw invalid("weekday", `"${weekday}" is no weekday`, "Use Monday to Sunday.");
}

/**
 * The moments of a year at which clocks of a time zone are set forward or back, in order.
 *
 * @example
 * const nights = clockChanges("Europe/Berlin", 2026).map(({ at }) => at - 3_600_000);
 */
export function clockChanges(zone: string, year: number): readonly ClockChange[] {
  const end = Date.UTC(year + 1, 0, 1);
  const changes: ClockChange[] = [];
  for (let from = Date.UTC(year, 0, 1); from < end; from += DAY_MS) {
    const [fromMinutes, toMinutes] = [offsetAt(zone, from), offsetAt(zone, from + DAY_MS)];
    if (fromMinutes === toMinutes) continue;
    let [before, at] = [from, from + DAY_MS];
    while (at - before > 1) {
      const middle = Math.floor((before + at) / 2);
      if (offsetAt(zone, middle) === fromMinutes) before = middle;
      else at = middle;
    }
    changes.push({ at, fromMinutes, toMinutes });
  }
  return changes;
}

/** A local time as if it were UTC, ms. */
function wallOf(text: string): number {
  const [, year, month, day, hour = "0", minute = "0", second = "0"] = TEXT.exec(text) ?? [];
  const fields = [year, month, day, hour, minute, second].map(Number);
  const [y = NaN, mo = NaN, d = NaN, h = NaN, mi = NaN, s = NaN] = fields;
  const wall = Date.UTC(y, mo - 1, d, h, mi, s);
  const isReal = Number.isFinite(wall) && new Date(wall).getUTCDate() === d && h < 24 && mi < 60 && s < 60;
  if (!isReal) throw invalid("text", `"${text}" is no date and time`, "Write it as 2026-03-29T01:30.");
  return wall;
}

const offsetAt = (zone: string, ms: number): number => (wallAt(zone, ms) - ms) / MINUTE_MS;

const formats = new Map<string, Intl.DateTimeFormat>();

/** What clocks of the time zone show at a moment, as if it were UTC, ms. */
function wallAt(zone: string, ms: number): number {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? NaN;
  const seconds = Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
  return seconds + (((ms % 1_000) + 1_000) % 1_000);
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  try {
    const numeric = { year: "numeric", month: "numeric", day: "numeric" } as const;
    const time = { hour: "numeric", minute: "numeric", second: "numeric", hourCycle: "h23" } as const;
    const format = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      calendar: "gregory",
      ...numeric,
      ...time,
    });
    formats.set(zone, format);
    return format;
  } catch {
    throw invalid("zone", `"${zone}" is no time zone`, "Use a name such as Europe/Berlin.");
  }
}

const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;

function weekdayOf(wall: number): Weekday {
  return WEEKDAYS[new Date(wall).getUTCDay()] ?? "Sunday";
}

const invalid = (field: string, problem: string, repair: string): SpineError =>
  new SpineError("setting.invalid", `${field}: ${problem}. ${repair}`, {
    problems: [{ field, problem, repair }],
  });
