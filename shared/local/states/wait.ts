import { isJsonObject, type Json } from "#core/json.ts";
import type { State } from "./definition.ts";
import { StatesError } from "./states-error.ts";

/** Paths to one field of the input, and no more of JSONPath. */
export const PLAIN_PATH = /^\$(?:\.\w+)+$/;

/** When a wait that begins now is over, ms. */
export function endOfWait(state: State, input: Json, now: number): number {
  const { Seconds, SecondsPath, Timestamp, TimestampPath } = state;
  if (Seconds !== undefined) return now + secondsOf(Seconds);
  if (SecondsPath !== undefined) return now + secondsOf(fieldAt(input, String(SecondsPath)));
  return timeOf(Timestamp ?? fieldAt(input, String(TimestampPath)));
}

function secondsOf(value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value * 1_000;
  throw new StatesError("States.Runtime", `A wait's seconds are ${JSON.stringify(value)}.`);
}

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

function timeOf(value: unknown): number {
  if (typeof value === "string" && TIMESTAMP.test(value)) return Date.parse(value);
  throw new StatesError("States.Runtime", `A wait's timestamp is ${JSON.stringify(value)}.`);
}

function fieldAt(input: Json, path: string): Json | undefined {
  return path
    .split(".")
    .slice(1)
    .reduce<Json | undefined>((value, name) => (isJsonObject(value) ? value[name] : undefined), input);
}
