import * as z from "zod";
import { createSeededIds } from "#memory/seeded-ids.ts";
import { answered, defineAgent } from "#core/contract.ts";
import { defineScorer } from "#core/scoring/scorer.ts";
import {
  choice,
  defineFlow,
  fallback,
  human,
  parallel,
  reply,
  sequence,
  step,
  transform,
  waitFor,
} from "#core/flow/build.ts";
import {
  createMovableClock,
  inProcessSpine,
  type InProcessSpine,
  type MovableClock,
} from "#testing/index.ts";

/** A Monday morning, at which the desk's sessions begin. */
export const MORNING = Date.UTC(2026, 10, 23, 9, 0, 0);
const SECOND = 1_000;

const said = z.object({ input: z.object({ text: z.string() }) });
const triage = defineAgent({
  name: "triage",
  reads: ["input"],
  input: said,
  output: z.object({ topic: z.string(), sure: z.number() }),
});
const calendar = defineAgent({
  name: "calendar",
  reads: ["input", "address"],
  output: z.object({ slot: z.string() }),
  retries: { max: 2, backoffMs: 2 * SECOND },
  timeoutMs: 20 * SECOND,
});
const quotes = defineAgent({
  name: "quotes",
  reads: ["address", "triage.topic"],
  output: z.object({ pounds: z.number(), parts: z.array(z.string()) }),
  retries: { max: 0, backoffMs: 1 },
});
const writer = defineAgent({
  name: "writer",
  reads: ["quotes", "calendar", "human"],
  output: z.object({ text: z.string() }),
});

const decision = z.object({
  decision: z.enum(["book", "answer", "refuse"]).meta({ title: "What shall we do?" }),
  note: z.string().meta({ title: "What do we tell them?" }),
  discount: z.optional(z.number().meta({ title: "Discount", description: "per cent" })),
});

const visit = defineFlow({
  name: "visit",
  on: "MessageReceived",
  onBusy: "queue",
  plan: sequence(
    transform({ "address.street": "input.street" }),
    step(triage, { fallback: fallback.value({ topic: "other", sure: 0 }) }),
    choice({
      when: [
        {
          if: "triage.topic == 'visit' && triage.sure > 0.5",
          then: sequence(
            parallel({
              branches: {
                when: step(calendar, { fallback: fallback.skip() }),
                price: step(quotes, { fallback: fallback.value({ pounds: 90, parts: [] }) }),
                news: sequence(
                  waitFor("AddressCorrected", { into: "news", timeoutMs: 9 * SECOND, onTimeout: "continue" }),
                  transform({ "address.street": "has(news.street) ? news.street : address.street" }),
                ),
              },
            }),
            step(writer, { fallback: fallback.value({ text: "We will call you." }) }),
          ),
        },
        {
          if: "triage.topic == 'parcel'",
          then: waitFor("ParcelArrived", {
            into: "parcel",
            timeoutMs: 86_400 * SECOND,
            onTimeout: "continue",
          }),
        },
      ],
      otherwise: sequence(
        human({
          ask: "What shall we tell this customer?",
          answer: decision,
          timeoutMs: 3_600 * SECOND,
          onTimeout: "continue",
        }),
        step(writer, { fallback: fallback.value({ text: "We will call you." }) }),
      ),
    }),
    reply("has(writer.text) ? writer.text : 'Thank you.'"),
  ),
});

const noting = defineFlow({
  name: "noting",
  on: "Noted",
  onBusy: "parallel",
  plan: transform({ mood: "input.mood" }),
});

/** Whether the reply came from the writer, and not from a fallback. */
const decided = defineScorer({
  name: "decided",
  version: "2",
  labels: ["fallback"],
  scores: ({ events }) =>
    events.some(({ type }) => type === "FallbackTaken") ? { score: 0.3, label: "fallback" } : { score: 1 },
});
/** Whether it names a day; about thanks it says nothing. */
const concrete = defineScorer({
  name: "concrete",
  scores: ({ reply }) =>
    reply.body === "Thank you." ? undefined : { score: /day/.test(JSON.stringify(reply.body)) ? 0.7 : 0.1 },
});

export interface Desk {
  readonly spine: InProcessSpine;
  readonly clock: MovableClock;
  /** Lets what is under way end, and closes. */
  close(): Promise<void>;
}

/** A desk that answers customers, on a clock that is moved. Its agents take seconds, and fail where their customers' names say so. */
export function openDesk(): Desk {
  const clock = createMovableClock(MORNING);
  const worked = async (ms: number): Promise<void> => clock.sleep(ms);
  const spine = inProcessSpine({
    clock,
    // The same pauses before retries each time.
    ids: createSeededIds(7),
    flows: [visit, noting],
    scorers: [decided, concrete],
    agents: [
      triage.implement(async ({ context }) => {
        await worked(SECOND);
        const { text } = context.input;
        const topic = text.includes("parcel") ? "parcel" : text.includes("visit") ? "visit" : "unclear";
        return answered({
          result: { topic, sure: topic === "unclear" ? 0.2 : 0.9 },
          usage: { tokens: 310, money: 0.0021 },
        });
      }),
      calendar.implement(async ({ attempt, session }) => {
        await worked(1.5 * SECOND);
        if (session.includes("garden") && attempt === 1) throw new Error("The calendar did not answer.");
        return answered({ result: { slot: "Tuesday at 9" }, usage: { tokens: 120, money: 0.0008 } });
      }),
      quotes.implement(async ({ session }) => {
        await worked(4 * SECOND);
        if (session.includes("roof")) throw new Error("No price list.");
        return answered({
          result: { pounds: 120, parts: ["valve", "seal"] },
          usage: { tokens: 540, money: 0.0044 },
        });
      }),
      writer.implement(async () => {
        await worked(2 * SECOND);
        return answered({
          result: { text: "We come on Tuesday at 9." },
          usage: { tokens: 830, money: 0.0093 },
        });
      }),
    ],
  });
  return {
    spine,
    clock,
    async close() {
      const closing = spine.close();
      await clock.runBy(60 * SECOND);
      await closing;
    },
  };
}

const customer = (text: string, street: string) => ({ text, street });

/** Plays the desk's morning: a correction that makes a quote stale, a retry, fallbacks, an open question, a wait. */
export async function playMorning({ spine, clock }: Desk): Promise<void> {
  const budget = { constraints: { budget: { tokens: 9_000, money: 0.5 } } };
  const send = (session: string, text: string, street = "Mill Lane 3") =>
    spine.send("MessageReceived", customer(text, street), { session, id: `${session}-1`, ...budget });
  await send("garden-4711", "Please plan a visit, the tap in the garden drips");
  await clock.runBy(3 * SECOND);
  await spine.send(
    "AddressCorrected",
    { street: "Mill Lane 30" },
    { session: "garden-4711", id: "correction" },
  );
  await clock.runBy(40 * SECOND);
  await send("roof-0815", "I need a visit: the roof leaks");
  await send("cellar-2", "A visit for the boiler, please");
  await clock.runBy(60 * SECOND);
  await send("parcel-9", "Where is my parcel?");
  await send("kitchen-12", "It does that thing again");
  await clock.runBy(SECOND);
  await send("hall-7", "Hello there");
  await clock.runBy(20 * SECOND);
  await spine.idle();
}
