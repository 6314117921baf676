import {
  addDays,
  civilDay,
  dayNumber,
  dayOf,
  daysInMonth,
  MONTHS,
  weekdayOf,
  WEEKDAYS,
} from "#contracts/day.ts";
import type { Day } from "#contracts/day.ts";
import type { DaySpan } from "#contracts/inquiry.ts";

/** A place in the text that names days. */
export interface DateMention {
  readonly start: number;
  readonly end: number;
  readonly span: DaySpan;
}

export interface DateSetting {
  readonly today: Day;
  readonly locale: "en-GB" | "en-US";
}

/** How far "after Friday" and "as soon as possible" look ahead. */
const OPEN_SPAN_DAYS = 14;

const MONTH_WORDS = MONTHS.map((name) => name.toLowerCase());
const WEEKDAY_WORDS = WEEKDAYS.map((name) => name.toLowerCase());
const MONTH = `(${MONTH_WORDS.join("|")}|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)`;
// "sat" and "sun" are words of their own too often to count as weekdays.
const WEEKDAY = `(${WEEKDAY_WORDS.join("|")}|mon|tues?|weds?|thu|thurs?|fri)`;
/** In "Friday 13 March" the date says which Friday. */
const NAMED = `(?:${WEEKDAY.replace("(", "(?:")}(?: ,)?(?: the)? )?`;
const DATE = "(\\d{1,2})(?:st|nd|rd|th)?";
const COUNT_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const COUNT = `(\\d{1,2}|a|an|${COUNT_WORDS.join("|")})`;

const one = (day: Day | undefined): DaySpan | undefined =>
  day === undefined ? undefined : { from: day, until: day };
const monthNumber = (word: string): number =>
  MONTH_WORDS.findIndex((name) => name.startsWith(word.slice(0, 3))) + 1;
const weekdayNumber = (word: string): number =>
  WEEKDAY_WORDS.findIndex((name) => name.startsWith(word.slice(0, 3)));
const count = (word: string): number => {
  const index = COUNT_WORDS.indexOf(word);
  return word === "a" || word === "an" ? 1 : index >= 0 ? index : Number(word);
};

/** Without a year the day lies ahead: this year, or the next one when it has gone by. */
const inYear = (today: Day, date: number, month: number, year?: string): Day | undefined => {
  if (year !== undefined) return dayOf(Number(year.length === 2 ? `20${year}` : year), month, date);
  const thisYear = civilDay(today)?.year ?? 0;
  const day = dayOf(thisYear, month, date);
  return day !== undefined && day >= today ? day : dayOf(thisYear + 1, month, date);
};

const dateAlone = (today: Day, date: number): Day | undefined => {
  let { year, month } = civilDay(today) ?? { year: 0, month: 0 };
  // Not every month has a 31st: at most two months on there is one.
  for (let tried = 0; tried < 3; tried++) {
    const day = dayOf(year, month, date);
    if (day !== undefined && day >= today) return day;
    [year, month] = month === 12 ? [year + 1, 1] : [year, month + 1];
  }
  return undefined;
};

/** Weeks begin on Monday. */
const mondayOf = (day: Day): Day => addDays(day, -((weekdayOf(day) + 6) % 7));
const ahead = (today: Day, weekday: number): Day =>
  addDays(today, ((weekday - weekdayOf(today) + 6) % 7) + 1);
const weekdayIn = (monday: Day, weekday: number): Day => addDays(monday, (weekday + 6) % 7);

const endOfMonth = (today: Day): Day => {
  const { year, month } = civilDay(today) ?? { year: 0, month: 1 };
  return dayOf(year, month, daysInMonth(year, month)) ?? today;
};
const nextMonth = (today: Day): DaySpan => {
  const from = addDays(endOfMonth(today), 1);
  return { from, until: endOfMonth(from) };
};
const onward = (from: Day): DaySpan => ({ from, until: addDays(from, OPEN_SPAN_DAYS - 1) });

type Resolve = (groups: readonly string[], setting: DateSetting) => DaySpan | undefined;
const rule = (pattern: string, resolve: Resolve) => ({
  pattern: new RegExp(`\\b${pattern}\\b`, "g"),
  resolve,
});

const both = (from: Day | undefined, until: Day | undefined): DaySpan | undefined =>
  from !== undefined && until !== undefined && dayNumber(from) <= dayNumber(until)
    ? { from, until }
    : undefined;

/** The longer readings come first: what a rule has taken, no later rule reads again. */
const RULES = [
  rule("(\\d{4})-(\\d{2})-(\\d{2})", ([y, m, d]) => one(dayOf(Number(y), Number(m), Number(d)))),
  rule(
    `(?:between|from) (?:the )?${DATE} (?:and|to|until|till) (?:the )?${DATE}(?: of)? ${MONTH}`,
    ([a, b, m = ""], { today }) =>
      both(inYear(today, Number(a), monthNumber(m)), inYear(today, Number(b), monthNumber(m))),
  ),
  rule(`between ${WEEKDAY} and ${WEEKDAY}`, ([a = "", b = ""], { today }) => {
    const from = ahead(today, weekdayNumber(a));
    return both(from, ahead(from, weekdayNumber(b)));
  }),
  rule(`${NAMED}${DATE}(?: of)? ${MONTH}(?: (\\d{4}))?`, ([d, m = "", y], { today }) =>
    one(inYear(today, Number(d), monthNumber(m), y)),
  ),
  rule(`${NAMED}${MONTH}(?: the)? ${DATE}(?: ,? ?(\\d{4}))?`, ([m = "", d, y], { today }) =>
    one(inYear(today, Number(d), monthNumber(m), y)),
  ),
  rule("(\\d{1,2})/(\\d{1,2})(?:/(\\d{4}|\\d{2}))?", ([a, b, y], { today, locale }) => {
    const [d, m] = locale === "en-US" ? [b, a] : [a, b];
    return one(inYear(today, Number(d), Number(m), y));
  }),
  rule("day after tomorrow", (_, { today }) => one(addDays(today, 2))),
  rule("tomorrow", (_, { today }) => one(addDays(today, 1))),
  rule("(?:today|tonight|this (?:morning|afternoon|evening))", (_, { today }) => one(today)),
  rule(`(?:a week (?:on|from) ${WEEKDAY}|${WEEKDAY} week)`, ([a, b], { today }) =>
    one(addDays(ahead(today, weekdayNumber(a ?? b ?? "")), 7)),
  ),
  rule(`in ${COUNT} days?(?: time)?`, ([n = ""], { today }) => one(addDays(today, count(n)))),
  rule(`in ${COUNT} weeks?(?: time)?`, ([n = ""], { today }) => one(addDays(today, 7 * count(n)))),
  rule(`${WEEKDAY} next week`, ([w = ""], { today }) =>
    one(weekdayIn(addDays(mondayOf(today), 7), weekdayNumber(w))),
  ),
  rule(`next ${WEEKDAY}`, ([w = ""], { today }) =>
    one(weekdayIn(addDays(mondayOf(today), 7), weekdayNumber(w))),
  ),
  rule(`${NAMED}the (\\d{1,2})(?:st|nd|rd|th)`, ([d], { today }) => one(dateAlone(today, Number(d)))),
  rule(`(?:(?:this|coming) )?${WEEKDAY}s?`, ([w = ""], { today }) => one(ahead(today, weekdayNumber(w)))),
  rule("(?:the )?end of (?:the|this) month", (_, { today }) => {
    const until = endOfMonth(today);
    return { from: addDays(until, -6) < today ? today : addDays(until, -6), until };
  }),
  rule("next weekend", (_, { today }) => ({
    from: addDays(mondayOf(today), 12),
    until: addDays(mondayOf(today), 13),
  })),
  rule("(?:(?:this|the|at the|coming) )?weekend", (_, { today }) => {
    const saturday = addDays(mondayOf(today), 5);
    return { from: saturday < today ? today : saturday, until: addDays(mondayOf(today), 6) };
  }),
  rule("(early|late)r? next week", ([part], { today }) => {
    const monday = addDays(mondayOf(today), 7);
    return part === "early"
      ? { from: monday, until: addDays(monday, 2) }
      : { from: addDays(monday, 3), until: addDays(monday, 6) };
  }),
  rule("next week", (_, { today }) => ({
    from: addDays(mondayOf(today), 7),
    until: addDays(mondayOf(today), 13),
  })),
  rule("this week", (_, { today }) => ({ from: today, until: addDays(mondayOf(today), 6) })),
  rule("next month", (_, { today }) => nextMonth(today)),
  rule(
    "(?:as soon as (?:possible|you can)|asap|soonest|earliest|first available|straight away|right away|immediately)",
    (_, { today }) => onward(today),
  ),
];

/** What stands right before a mention changes what it means; `null` drops the mention. */
const modified = (before: string, span: DaySpan, today: Day): DaySpan | null => {
  if (
    /\b(?:not|not on|except|except on|but not|can not (?:do|make|manage)|apart from)(?: (?:the|on))? $/.test(
      before,
    )
  )
    return null;
  if (/\bbefore(?: the)? $/.test(before)) return { from: today, until: addDays(span.from, -1) };
  if (/\b(?:by|until|no later than)(?: the)? $/.test(before)) return { from: today, until: span.until };
  if (/\bafter(?: the)? $/.test(before)) return onward(addDays(span.until, 1));
  if (/\b(?:any time from|any day from|starting)(?: the)? $/.test(before)) return onward(span.from);
  return span;
};

/** Every place in a normalised text that names days, in the order of the text. */
export const dateMentions = (text: string, setting: DateSetting): readonly DateMention[] => {
  const found: DateMention[] = [];
  let left = text;
  for (const { pattern, resolve } of RULES) {
    for (const match of left.matchAll(pattern)) {
      const span = resolve(match.slice(1), setting);
      if (span === undefined) continue;
      const [start, end] = [match.index, match.index + match[0].length];
      left = left.slice(0, start) + "_".repeat(end - start) + left.slice(end);
      const meant = modified(text.slice(0, start), span, setting.today);
      if (meant !== null) found.push({ start, end, span: meant });
    }
  }
  return found.sort((a, b) => a.start - b.start);
};
