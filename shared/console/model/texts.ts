import type { Json } from "#core/json.ts";

const UNITS: readonly (readonly [ms: number, name: string])[] = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1_000, "s"],
];

/** A span of time in its largest unit: `340 ms`, `12 s`, `3 h`. */
export function span(ms: number): string {
  const [size, name] = UNITS.find(([least]) => Math.abs(ms) >= least) ?? [1, "ms"];
  const amount = ms / size;
  const digits = size > 1 && Math.abs(amount) < 10 ? 1 : 0;
  return `${Number(amount.toFixed(digits))} ${name}`;
}

/** How long ago, or how soon. */
export const ago = (at: number, now: number): string =>
  at > now ? `in ${span(at - now)}` : now - at < 1_000 ? "now" : `${span(now - at)} ago`;

const two = (value: number, digits = 2): string => String(value).padStart(digits, "0");

/** A time of the day with its milliseconds, as the reader's clock shows it. */
export function clockTime(at: number): string {
  const date = new Date(at);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => two(part)).join(":");
  return `${time}.${two(date.getMilliseconds(), 3)}`;
}

/** A day and time. */
export function dayTime(at: number): string {
  const date = new Date(at);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `1 event`, `2 events`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

export const money = (amount: number): string => `$${amount.toFixed(amount !== 0 && amount < 0.01 ? 4 : 3)}`;

/** A value on one line. What is cut says how much. */
export function shortJson(value: Json | undefined, most = 120): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length <= most
    ? text
    : `${text.slice(0, most)}… (${counted(text.length - most, "character")} more)`;
}

/** The last part of a step's name, which says most. */
export const stepText = (step: string): string => step.replace(/^plan(?:\/|(?=\[)|$)/, "") || "plan";
