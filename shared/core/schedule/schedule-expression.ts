import { readCronField, readDayOfMonth, readDayOfWeek, type CronDays } from "./cron-fields.ts";

/** When a schedule of EventBridge Scheduler fires. */
export type ScheduleTimes =
  | { readonly kind: "rate"; readonly everyMs: number }
  /** Once: a local date and time, `2026-11-30T09:00:00`. */
  | { readonly kind: "at"; readonly local: string }
  | {
      readonly kind: "cron";
      readonly minutes: readonly number[];
      readonly hours: readonly number[];
      readonly months: readonly number[];
      readonly years: readonly number[];
      readonly days: CronDays;
    };

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const AT = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$/;
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
/** The years that a cron expression may name. */
const FIRST_YEAR = 1970;
const LAST_YEAR = 2199;

/**
 * Reads `rate(N unit)`, `at(date)` or `cron(minutes hours day-of-month month day-of-week year)` as EventBridge Scheduler does. Throws an
 * error that says what to write.
 */
export function parseSchedule(expression: string): ScheduleTimes {
  const [, kind, given = ""] = /^(rate|at|cron)\((.*)\)$/.exec(expression) ?? [];
  switch (kind) {
    case "rate":
      return { kind, everyMs: readRate(given) };
    case "at":
      if (!AT.test(given)) throw wrong(`at(${given})`, "Write at(yyyy-mm-ddThh:mm:ss).");
      return { kind, local: given };
    case "cron":
      return readCron(given);
    default:
      throw wrong(
        expression,
        "Write rate(1 hour), cron(0 2 * * ? *) or at(2026-11-30T09:00:00), without spaces around.",
      );
  }
}

function readRate(given: string): number {
  const [, count = "", unit = "", plural = ""] = /^([1-9]\d*) (minute|hour|day)(s?)$/.exec(given) ?? [];
  const ms = Number(count) * (UNIT_MS[unit] ?? 0);
  if (ms > 0 && (plural === "s") === Number(count) > 1) return ms;
  throw wrong(`rate(${given})`, "Write rate(1 hour) or rate(5 minutes): minutes, hours or days.");
}

function readCron(given: string): ScheduleTimes {
  const fields = given.split(" ");
  const [minutes = "", hours = "", dayOfMonth = "", month = "", dayOfWeek = "", year = ""] = fields;
  if (fields.length !== 6)
    throw wrong(
      `cron(${given})`,
      `Write six fields (minutes, hours, day of month, month, day of week, year), not ${fields.length}.`,
    );
  if ((dayOfMonth === "?") === (dayOfWeek === "?"))
    throw wrong(`cron(${given})`, "Write ? for either the day of the month or the day of the week.");
  return {
    kind: "cron",
    minutes: readCronField("minutes", minutes, { least: 0, most: 59 }),
    hours: readCronField("hours", hours, { least: 0, most: 23 }),
    months: readCronField("month", month, { least: 1, most: 12, names: MONTHS }),
    years: readCronField("year", year, { least: FIRST_YEAR, most: LAST_YEAR }),
    days: dayOfWeek === "?" ? readDayOfMonth(dayOfMonth) : readDayOfWeek(dayOfWeek),
  };
}

const wrong = (expression: string, repair: string): Error =>
  new Error(`The schedule ${expression} cannot be read. ${repair}`);
