import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { JsonObject } from "#core/json.ts";
import { MESSAGE_RECEIVED } from "#flows/customer-care.ts";
import { ApiError } from "#client/api-error.ts";
import type { SpineClient } from "#client/client.ts";
import type { Scenario } from "./verified-spine.ts";

const FACTS = {
  session: { who: "Ada Lovelace", channel: "web", locale: "en-GB", today: "2026-03-02" },
  constraints: { openFrom: "08:00", openUntil: "18:00", closedOn: [0], noticeHours: 4, horizonDays: 30 },
};
const ADVICE = "Which cleaning would be right for a home with a baby and two dogs?";
const BOOKING = "I'd like to book a boiler service for next Tuesday morning, please.";
/** Nothing that an agent could be sure of: a person is asked. */
const UNSURE = "Hello there";
/** A first invocation waits for every function's start. */
const REPLY_MS = 60_000;
const LOOK_MS = 500;

const message = (text: string) => ({
  id: randomUUID(),
  type: MESSAGE_RECEIVED,
  data: { text },
  ...FACTS,
});

async function eventually<T>(what: string, read: () => Promise<T | undefined>): Promise<T> {
  for (const giveUpAt = performance.now() + REPLY_MS; ; await pause(LOOK_MS)) {
    const found = await read();
    if (found !== undefined) return found;
    assert.ok(performance.now() < giveUpAt, `${what} did not happen within ${REPLY_MS / 1_000} s.`);
  }
}

/** The events of a session; none of one that does not exist yet. */
const logOf = async (client: SpineClient, session: string) => {
  try {
    return await client.eventsAfter(session, 0);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return [];
    throw error;
  }
};

const refusedWith = (status: number) => (error: unknown) => {
  assert.ok(error instanceof ApiError, String(error));
  assert.equal(error.status, status);
  return true;
};

/** What a deployed spine with the sample application does, the cheapest first. The same bodies run in a test on this machine. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: "rejects a request without a signature",
    run: async (spine) => assert.equal(await spine.unsigned(spine.newSession()), 403),
  },
  {
    name: "replies to a signed event on the same request, and its log has no gaps",
    async run({ client, newSession }) {
      const session = newSession();
      const { sequence, reply } = await client.send(session, message(BOOKING), REPLY_MS);
      assert.equal(sequence, 1);
      assert.equal(reply?.failed, false, "the run failed, or no reply arrived");
      const numbers = (await client.eventsAfter(session, 0)).map(({ event }) => event.sequence);
      assert.deepEqual(
        numbers,
        numbers.map((_, at) => at + 1),
      );
      assert.equal((await client.state(session)).sequence, numbers.at(-1));
    },
  },
  {
    name: "accepts an event once under its id, and rejects a different one under it",
    async run({ client, newSession }) {
      const session = newSession();
      const event = message(ADVICE);
      const first = await client.send(session, event);
      assert.deepEqual(await client.send(session, event), first);
      await assert.rejects(client.send(session, { ...event, data: { text: BOOKING } }), refusedWith(409));
      const inputs = (await client.eventsAfter(session, 0)).filter(
        ({ event }) => event.type === "InputAccepted",
      );
      assert.equal(inputs.length, 1);
    },
  },
  {
    name: "asks a person when an agent is unsure, and continues with the answer",
    async run({ client, newSession }) {
      const session = newSession();
      await client.send(session, message(UNSURE));
      const { ask } = await eventually("a question", async () => (await client.explanation(session)).asks[0]);
      const given = { id: randomUUID(), value: { decision: "answer", note: "We call you back at noon." } };
      const { reply } = await client.answer(session, ask, given, REPLY_MS);
      assert.match(JSON.stringify(reply?.body), /We call you back at noon/);
    },
  },
  {
    name: "accepts an event from the bus, and replies in its log",
    async run({ client, putOnBus, newSession }) {
      const session = newSession();
      const { session: facts, constraints } = FACTS;
      await putOnBus({ session, data: { text: ADVICE }, facts, constraints } satisfies JsonObject);
      await eventually("a reply", async () =>
        (await logOf(client, session)).find(({ event }) => event.type === "ReplySent"),
      );
    },
  },
  {
    name: "stops a session at an operator's command, and accepts no more events for it",
    async run({ client, newSession }) {
      const session = newSession();
      await client.send(session, message(UNSURE));
      await client.command(session, { id: randomUUID(), type: "stop", reason: "it was verified" });
      await assert.rejects(client.send(session, message(ADVICE)), refusedWith(409));
    },
  },
  {
    name: "answers an operator who asks for the dead letters of a day",
    async run({ operate }) {
      const { letters } = await operate({ op: "list", day: FACTS.session.today });
      assert.ok(Array.isArray(letters));
    },
  },
  {
    name: "publishes every commit on spine-out",
    async run({ client, published, newSession }) {
      const session = newSession();
      await client.send(session, message(ADVICE), REPLY_MS);
      const { sequence } = await client.state(session);
      const advances = await published(session, sequence);
      assert.deepEqual(
        advances.map(({ first }) => first),
        [1, ...advances.slice(0, -1).map(({ last }) => last + 1)],
      );
      assert.equal(advances.at(-1)?.last, sequence);
    },
  },
];
