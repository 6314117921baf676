import { describe, expect, it } from "vitest";
import { addDays, weekdayOf, type Day } from "#contracts/day.ts";
import { isJsonObject, type Json, type JsonObject } from "#core/json.ts";
import { customerCareApplication } from "#flows/customer-care.ts";
import { createMemoryCalendar } from "#functions/agents/scheduling/memory-calendar.ts";
import { openAsks } from "#runtime/doors/http/open-asks.ts";
import { createMovableClock, inProcessSpine } from "#testing/index.ts";
import { BUSINESS_RULES } from "../../scripts/start/facts.ts";
import { invitation } from "../../scripts/start/invitation.ts";
import { textOf } from "../architecture/source.ts";
import { careAgents } from "../support/care-agents.ts";

const PRINTED = invitation({
  url: "http://127.0.0.1:8787",
  local: undefined,
  console: "http://127.0.0.1:8788/#token=t",
  outputFile: "functions.log",
  samples: true,
});
/** Where people copy commands from. */
const SOURCES: readonly (readonly [name: string, text: string])[] = [
  ["what npm start prints", PRINTED],
  ["README.md", textOf("README.md")],
  ["docs/http.md", textOf("docs/http.md")],
];

/** What a person may type: every text of an event in a command, however it is sent. */
function textsIn(page: string): readonly string[] {
  const bySpine = [...page.matchAll(/npm run spine -- send \S+ MessageReceived --text "([^"]+)"/g)];
  const byCurl = [...page.matchAll(/-d '(\{"type":.*?\})'$/gm)].map(([, body = ""]) => {
    const event = JSON.parse(body) as { readonly data: { readonly text: string } };
    return event.data.text;
  });
  return [...bySpine.map(([, text = ""]) => text), ...byCurl];
}

/** What comes of each: of a day that is closed, or too near, it would be something else. */
const EXPECTED: Readonly<Record<string, string>> = {
  "I'd like to book a boiler service": "offered",
  "Could a plumber come one morning next week? The kitchen tap is dripping.": "booked",
  "Please book a boiler service for next Tuesday morning.": "booked",
  "When are you open?": "nothing",
  "Cancel my visit or maybe move it to next week, I have not made up my mind": "a person is asked",
};

/** Two weeks of every weekday over each turn of a month, a year and a leap day. */
const DAYS: readonly Day[] = ["2027-12-24", "2028-02-22", "2028-10-22", "2026-11-24"].flatMap((first) =>
  Array.from({ length: 14 }, (_, at) => addDays(first, at)),
);

async function outcomeOf(text: string, today: Day): Promise<string> {
  const agents = careAgents(createMemoryCalendar());
  // Its time stands still: no task runs out of it, however busy the machine is.
  const spine = inProcessSpine({ ...customerCareApplication, agents, clock: createMovableClock(0) });
  const session: JsonObject = { who: "Guest", channel: "web", locale: "en-GB", today };
  const constraints: JsonObject = { ...BUSINESS_RULES, closedOn: [...BUSINESS_RULES.closedOn] };
  await spine.send("MessageReceived", { text }, { session: "any", facts: session, constraints });
  await spine.idle();
  const key = spine.key("any");
  const state = await spine.reader.current(key);
  const asked = await openAsks(spine.reader, key, state);
  await spine.close();
  if (asked.length > 0) return "a person is asked";
  const scheduling: Json | undefined = state.context["scheduling"];
  return isJsonObject(scheduling) ? String(scheduling["outcome"]) : "nothing";
}

describe("the commands in the documentation", () => {
  it.each(SOURCES)("are all listed here: %s", (_name, page) => {
    const texts = textsIn(page);
    expect(texts.length).toBeGreaterThan(0);
    expect(texts.filter((text) => EXPECTED[text] === undefined)).toEqual([]);
  });

  it.each(Object.entries(EXPECTED))("give the same result on every day: %s", async (text, outcome) => {
    expect(new Set(DAYS.map(weekdayOf)).size).toBe(7);
    const ends = await Promise.all(DAYS.map(async (day) => [day, await outcomeOf(text, day)] as const));
    expect(ends).toEqual(DAYS.map((day) => [day, outcome]));
  });

  it("could give another one: on a closed day the business offers another day", async () => {
    expect(await outcomeOf("Could a plumber come tomorrow morning?", "2026-11-28")).toBe("offered");
  });
});
