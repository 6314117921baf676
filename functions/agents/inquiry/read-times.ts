import type { TimeSpan } from "#contracts/inquiry.ts";

const HOUR_WORDS = [
  "twelve",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
  "eleven",
];
const HOUR = `(\\d{1,2}|${HOUR_WORDS.join("|")})`;
/** A clock time as people write it: the hour, perhaps minutes, perhaps a half of the day. */
const CLOCK = `${HOUR}(?:[:.](\\d{2}))? ?(am|pm|a\\.m\\.?|p\\.m\\.?|o'clock)?`;

const text = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

const hourNumber = (word: string): number => {
  const index = HOUR_WORDS.indexOf(word);
  return index < 0 ? Number(word) : index === 0 ? 12 : index;
};

/** Minutes of the day. Without am or pm, one to six is in the afternoon: nobody visits a home at three at night. */
const minutesOf = (hourWord: string, minuteWord = "", half = ""): number | undefined => {
  const hour = hourNumber(hourWord);
  const minute = minuteWord === "" ? 0 : Number(minuteWord);
  if (hour > 23 || minute > 59) return undefined;
  if (half.startsWith("p")) return ((hour % 12) + 12) * 60 + minute;
  if (half.startsWith("a")) return (hour % 12) * 60 + minute;
  return (hour >= 1 && hour <= 6 && !/^0/.test(hourWord) ? hour + 12 : hour) * 60 + minute;
};

const LATEST = 23 * 60 + 59;
type Resolve = (groups: readonly (string | undefined)[]) => readonly [number, number] | undefined;
const rule = (pattern: string, resolve: Resolve) => ({
  pattern: new RegExp(`(?<![\\w/-])${pattern}(?![\\w/-])`),
  resolve,
});

const at = (minutes: number | undefined): readonly [number, number] | undefined =>
  minutes === undefined ? undefined : [minutes, minutes];

const RULES = [
  rule(
    `(?:between|from) ${CLOCK} ?(?:and|to|until|till|-) ?${CLOCK}`,
    ([h1 = "", m1, half1, h2 = "", m2, half2]) => {
      const until = minutesOf(h2, m2, half2);
      let from = minutesOf(h1, m1, half1);
      // In "between 9 and 11am" and "between 10 and 2" the first hour is the one that lies before the second.
      if (from !== undefined && until !== undefined && from > until) from = minutesOf(h1, m1, "am");
      return from === undefined || until === undefined || from > until ? undefined : [from, until];
    },
  ),
  rule(`(?:after|from|any time after|not before) ${CLOCK}`, ([h = "", m, half]) => {
    const from = minutesOf(h, m, half);
    return from === undefined ? undefined : [from, LATEST];
  }),
  rule(`(?:before|by|until|no later than) ${CLOCK}`, ([h = "", m, half]) => {
    const until = minutesOf(h, m, half);
    return until === undefined ? undefined : [0, until];
  }),
  rule(`half past ${HOUR}`, ([h = ""]) => at(minutesOf(h, "30"))),
  rule(`quarter past ${HOUR}`, ([h = ""]) => at(minutesOf(h, "15"))),
  rule(`quarter to ${HOUR}`, ([h = ""]) => {
    const hour = minutesOf(h);
    return at(hour === undefined ? undefined : hour - 15);
  }),
  rule(`${HOUR}(?:[:.](\\d{2}))? ?(am|pm|a\\.m\\.?|p\\.m\\.?)`, ([h = "", m, half]) =>
    at(minutesOf(h, m, half)),
  ),
  rule("(\\d{1,2}):(\\d{2})", ([h = "", m]) => at(minutesOf(h, m))),
  rule(`${HOUR} o'clock`, ([h = ""]) => at(minutesOf(h))),
  rule(`(?:at|around|about) ${HOUR}(?:\\.(\\d{2}))?`, ([h = "", m]) => at(minutesOf(h, m))),
  rule("(?:noon|midday)", () => [720, 720]),
  rule("lunch ?time", () => [720, 840]),
  rule("(?:after lunch|afternoons?)", () => [720, 1020]),
  rule("(?:after work|evenings?|tonight)", () => [1020, 1200]),
  rule("(?:mornings?|before lunch)", () => [480, 720]),
];

/** The time of day that a normalised text asks for; an exact time outweighs a part of the day. Dates must be blanked before. */
export const timeAsked = (normalisedText: string): TimeSpan | undefined => {
  for (const { pattern, resolve } of RULES) {
    const match = pattern.exec(normalisedText);
    const span = match ? resolve(match.slice(1)) : undefined;
    if (span) return { from: text(span[0]), until: text(span[1]) };
  }
  return undefined;
};
