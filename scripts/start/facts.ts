import type { Day } from "#contracts/day.ts";
import type { Constraints, Session } from "#contracts/sections.ts";
import { isJsonObject, type Json, type JsonObject } from "#core/json.ts";

/** The business's limits, the same for everybody. */
export const BUSINESS_RULES = {
  openFrom: "08:00",
  openUntil: "18:00",
  closedOn: [0],
  noticeHours: 4,
  horizonDays: 30,
} as const satisfies Constraints;

/** The day that the machine's calendar shows: whoever writes "tomorrow" here means the day after that one. */
export function dayHere(now: Date): Day {
  const [year, month, date] = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map(String);
  return [year?.padStart(4, "0"), month?.padStart(2, "0"), date?.padStart(2, "0")].join("-");
}

/**
 * An event with what a web form would add to a customer's message: who writes, over which channel, what day it is, and the
 * business's limits. What the sender or an earlier message of the session said stands.
 */
export function withFacts(body: Json, known: Json | undefined, now: Date): Json {
  const facts: Session = { who: "Guest", channel: "web", locale: "en-GB", today: dayHere(now) };
  const earlier: JsonObject = isJsonObject(known) ? known : {};
  return completed(body, { session: { ...facts, ...withoutDay(earlier) }, constraints: BUSINESS_RULES });
}

/** An event that was taken before under its id, with the facts that it had then: those of now would make it another. */
export const withFactsOf = (body: Json, { session, constraints }: JsonObject): Json =>
  completed(body, { session, constraints });

/** What the sender said stands. */
function completed(
  body: Json,
  { session, constraints }: Readonly<Record<"session" | "constraints", Json | undefined>>,
): Json {
  // The form of what was sent is for the ingress to judge.
  if (!isJsonObject(body) || !isObjectOrAbsent(body["session"]) || !isObjectOrAbsent(body["constraints"]))
    return body;
  return {
    ...body,
    session: { ...objectIn(session), ...body["session"] },
    constraints: { ...objectIn(constraints), ...body["constraints"] },
  };
}

const isObjectOrAbsent = (value: Json | undefined): value is JsonObject | undefined =>
  value === undefined || isJsonObject(value);

const objectIn = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});

const withoutDay = (facts: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(facts).filter(([name]) => name !== "today"));
