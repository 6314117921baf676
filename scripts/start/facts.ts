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

const DAY_LENGTH = "YYYY-MM-DD".length;

/**
 * An event with what a web form would add to a customer's message: who writes, over which channel, what day it is, and the
 * business's limits. What the sender or an earlier message of the session said stands.
 */
export function withFacts(body: Json, known: Json | undefined, now: Date): Json {
  if (!isJsonObject(body) || !isObjectOrAbsent(body["session"]) || !isObjectOrAbsent(body["constraints"]))
    return body;
  const facts: Session = {
    who: "Guest",
    channel: "web",
    locale: "en-GB",
    today: now.toISOString().slice(0, DAY_LENGTH),
  };
  const earlier: JsonObject = isJsonObject(known) ? known : {};
  return {
    ...body,
    session: { ...facts, ...withoutDay(earlier), ...body["session"] },
    constraints: { ...BUSINESS_RULES, ...body["constraints"] },
  };
}

/** The form of what was sent is for the ingress to judge. */
const isObjectOrAbsent = (value: Json | undefined): value is JsonObject | undefined =>
  value === undefined || isJsonObject(value);

const withoutDay = (facts: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(facts).filter(([name]) => name !== "today"));
