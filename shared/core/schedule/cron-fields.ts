/** The days on which a cron expression fires. */
export type CronDays =
  | { readonly kind: "of-month"; readonly days: readonly number[] }
  | { readonly kind: "last-of-month" }
  /** The weekday (Monday to Friday) of the month that is nearest to this day; `last`: its last weekday. */
  | { readonly kind: "weekday-near"; readonly day: number | "last" }
  /** 1 is Sunday. */
  | { readonly kind: "of-week"; readonly days: readonly number[] }
  /** The nth of these days of the month; `last`: the last one. */
  | { readonly kind: "nth-of-week"; readonly day: number; readonly nth: number | "last" };

interface Range {
  readonly least: number;
  readonly most: number;
  /** What may stand for the numbers from `least` on. */
  readonly names?: readonly string[];
}

const WEEK: Range = { least: 1, most: 7, names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] };
const MONTH_DAYS: Range = { least: 1, most: 31 };

/** The values of a field: `*`, values, ranges (`1-5`, `FRI-MON`) and steps (`0/15`, `*` with a step), separated by commas. */
export function readCronField(field: string, text: string, range: Range): readonly number[] {
  const found = text.split(",").flatMap((part) => readPart(field, part, range));
  return [...new Set(found)].toSorted((a, b) => a - b);
}

/** The day of the month: as any field, or `L`, `LW` and `15W`. */
export function readDayOfMonth(text: string): CronDays {
  if (text === "L") return { kind: "last-of-month" };
  if (text === "LW") return { kind: "weekday-near", day: "last" };
  if (text.endsWith("W"))
    return { kind: "weekday-near", day: readValue("day of month", text.slice(0, -1), MONTH_DAYS) };
  return { kind: "of-month", days: readCronField("day of month", text, MONTH_DAYS) };
}

/** The day of the week: as any field, or `L` (Saturday), `6L` (the last Friday) and `3#2` (the second Tuesday). */
export function readDayOfWeek(text: string): CronDays {
  if (text === "L") return { kind: "of-week", days: [WEEK.most] };
  if (text.endsWith("L"))
    return { kind: "nth-of-week", day: readValue("day of week", text.slice(0, -1), WEEK), nth: "last" };
  const [day = "", nth, ...more] = text.split("#");
  if (nth === undefined) return { kind: "of-week", days: readCronField("day of week", text, WEEK) };
  if (more.length > 0) throw wrong("day of week", text);
  return {
    kind: "nth-of-week",
    day: readValue("day of week", day, WEEK),
    nth: readValue("day of week", nth, { least: 1, most: 5 }),
  };
}

function readPart(field: string, part: string, range: Range): readonly number[] {
  const [whole = "", step, ...more] = part.split("/");
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) throw wrong(field, part);
  const values = readRange(field, whole, range, step !== undefined);
  return step === undefined ? values : values.filter((_, at) => at % Number(step) === 0);
}

function readRange(field: string, text: string, range: Range, open: boolean): readonly number[] {
  const { least, most, names } = range;
  if (text === "*") return from(least, most);
  const [first = "", last, ...more] = text.split("-");
  if (more.length > 0) throw wrong(field, text);
  const start = readValue(field, first, range);
  if (last === undefined) return open ? from(start, most) : [start];
  const end = readValue(field, last, range);
  if (start <= end) return from(start, end);
  // Names go round: from Friday to Monday.
  if (names === undefined) throw wrong(field, text);
  return [...from(start, most), ...from(least, end)];
}

function readValue(field: string, text: string, { least, most, names }: Range): number {
  const named = names?.indexOf(text.toUpperCase()) ?? -1;
  const value = named >= 0 ? least + named : /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw wrong(field, text);
}

const from = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);

const wrong = (field: string, text: string): Error =>
  new Error(
    `The schedule's ${field} "${text}" cannot be read. See the fields of cron expressions in EventBridge Scheduler's guide.`,
  );
