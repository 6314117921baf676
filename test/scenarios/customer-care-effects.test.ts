import { expect, it } from "vitest";
import type { SessionKey } from "#core/ids.ts";
import { customerCareApplication } from "#flows/customer-care.ts";
import type { Calendar } from "#functions/agents/scheduling/calendar.ts";
import { createMemoryCalendar, type MemoryCalendar } from "#functions/agents/scheduling/memory-calendar.ts";
import { createMovableClock, inProcessSpine, type InProcessSpine } from "#testing/index.ts";
import { BUSINESS_RULES } from "../../scripts/start/facts.ts";
import { careAgents } from "../support/care-agents.ts";

const START = Date.UTC(2026, 2, 2, 9);
const TWO_MINUTES = 120_000;

const never = new Promise<never>(() => undefined);

/** A spine whose calendar knows no idempotency keys, and one booking sent to it. */
async function bookOn(wrap: (calendar: MemoryCalendar) => Partial<Calendar>) {
  const clock = createMovableClock(START);
  const calendar = createMemoryCalendar({ honoursKeys: false });
  const agents = careAgents({ ...calendar, ...wrap(calendar) });
  const spine = inProcessSpine({ ...customerCareApplication, agents, clock });
  const facts = { who: "Ada Lovelace", channel: "web", locale: "en-GB", today: "2026-03-02" };
  const text = "I'd like to book a boiler service for next Tuesday morning, please.";
  await spine.send("MessageReceived", { text }, { session: "s1", facts, constraints: BUSINESS_RULES });
  await clock.runBy(TWO_MINUTES);
  await spine.idle();
  return { calendar, facts: await factsOf(spine, spine.key("s1")) };
}

/** What the log says of the visit, and the reply. */
async function factsOf(spine: InProcessSpine, key: SessionKey): Promise<readonly string[]> {
  const events = await spine.reader.events(key);
  const visit = events.find((event) => event.type === "TaskCreated" && event.data.agent === "scheduling");
  const task = visit?.type === "TaskCreated" ? visit.data.task : undefined;
  return events.flatMap((event) => {
    if (event.type === "ReplySent") return [JSON.stringify(event.data.body)];
    if (!("task" in event.data) || event.data.task !== task) return [];
    if (event.type === "AttemptFailed") return [`AttemptFailed ${event.data.held ? "held" : "ended"}`];
    return event.type === "EffectInDoubt" ? [`EffectInDoubt ${event.data.policy}`] : [event.type];
  });
}

const ASKED = [
  "TaskCreated",
  "AttemptDispatched",
  "EffectClaimed",
  "AttemptFailed held",
  "EffectInDoubt ask",
  "AttemptDispatched",
];

it("acts once when the first attempt stalls after its effect, and finds out that it happened", async () => {
  const { calendar, facts } = await bookOn((inner) => ({
    book: async (order) => {
      await inner.book(order);
      return never;
    },
    doneUnder: (key) => Promise.resolve(inner.effects().find((one) => one.idempotencyKey === key)?.effect),
  }));
  expect(facts).toEqual([...ASKED, "AnswerApplied", expect.stringMatching(/boiler service is booked/)]);
  expect(calendar.effects()).toHaveLength(1);
});

it("does not act again when it cannot find out whether the effect happened", async () => {
  let asked = 0;
  const { calendar, facts } = await bookOn((inner) => ({
    book: async (order) => {
      await inner.book(order);
      return never;
    },
    doneUnder: (key) =>
      asked++ === 0 ? inner.doneUnder(key) : Promise.reject(new Error("The line is dead.")),
  }));
  expect(facts.slice(0, ASKED.length)).toEqual(ASKED);
  expect(facts.filter((fact) => fact === "AttemptFailed ended")).toHaveLength(3);
  expect(facts.slice(-3)).toEqual([
    "FallbackTaken",
    "ValueFilled",
    expect.stringMatching(/calendar cannot be reached/),
  ]);
  expect(calendar.effects()).toHaveLength(1);
});

it("does not act late when the first attempt stalls before its effect", async () => {
  let release = () => {};
  const stalled = new Promise<void>((resolve) => (release = resolve));
  const { calendar } = await bookOn((inner) => ({
    free: async (query) => {
      await stalled;
      return inner.free(query);
    },
  }));
  release();
  await new Promise(setImmediate);
  expect(calendar.effects()).toEqual([]);
});

it("retries when the calendar certainly did nothing", async () => {
  let calls = 0;
  const { calendar, facts } = await bookOn((inner) => ({
    free: (query) => (calls++ === 0 ? Promise.reject(new Error("The line is dead.")) : inner.free(query)),
  }));
  expect(facts).toEqual([
    "TaskCreated",
    "AttemptDispatched",
    "EffectClaimed",
    "AttemptFailed ended",
    "RetryScheduled",
    "AttemptDispatched",
    "EffectClaimed",
    "AnswerApplied",
    expect.stringMatching(/boiler service is booked/),
  ]);
  expect(calendar.effects()).toHaveLength(1);
});
