/** A day without a time or a zone, `YYYY-MM-DD`. Arithmetic is on whole days, so no clock and no `Date` is involved. */
export type Day = string;

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;

export interface CivilDay {
  readonly year: number;
  readonly month: number;
  readonly date: number;
}

export const isLeapYear = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

export const daysInMonth = (year: number, month: number): number =>
  month === 2 ? (isLeapYear(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;

/** `undefined` for a text that names no day of the calendar, such as 30 February. */
export const civilDay = (day: Day): CivilDay | undefined => {
  const match = DAY.exec(day);
  if (!match) return undefined;
  const [year, month, date] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return month >= 1 && month <= 12 && date >= 1 && date <= daysInMonth(year, month)
    ? { year, month, date }
    : undefined;
};

/** `undefined` when the three numbers name no day. */
export const dayOf = (year: number, month: number, date: number): Day | undefined => {
  const text = [
    String(year).padStart(4, "0"),
    String(month).padStart(2, "0"),
    String(date).padStart(2, "0"),
  ].join("-");
  return civilDay(text) ? text : undefined;
};

const parsed = (day: Day): CivilDay => {
  const civil = civilDay(day);
  if (!civil) throw new RangeError(`not a day: ${day}`);
  return civil;
};

/** Days since 1970-01-01. The year is counted from March, so that a leap day is the last day of its year. */
export const dayNumber = (day: Day): number => {
  const { year, month, date } = parsed(day);
  const y = month <= 2 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + date - 1;
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719_468;
};

const fromDayNumber = (number: number): Day => {
  const shifted = number + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const date = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return [String(year).padStart(4, "0"), String(month).padStart(2, "0"), String(date).padStart(2, "0")].join(
    "-",
  );
};

export const addDays = (day: Day, days: number): Day => fromDayNumber(dayNumber(day) + days);

/** 0 is Sunday. 1970-01-01 was a Thursday. */
export const weekdayOf = (day: Day): number => (((dayNumber(day) + 4) % 7) + 7) % 7;

export const weekdayName = (day: Day): string => WEEKDAYS[weekdayOf(day)] ?? "";

/** "Tuesday 10 March 2026" */
export const longDay = (day: Day): string => {
  const { year, month, date } = parsed(day);
  return `${weekdayName(day)} ${date} ${MONTHS[month - 1] ?? ""} ${year}`;
};

export { MONTHS, WEEKDAYS };
