import { answered } from "event-spine";
import { createMovableClock, inProcessSpine } from "event-spine/testing";
import {
  careful,
  check,
  checking,
  deciding,
  flaky,
  letter,
  ordering,
  prices,
  quick,
  quoting,
  rescued,
  research,
  shipping,
  stock,
  surest,
  writing,
} from "./flows.ts";

const clock = createMovableClock(0);
const spine = inProcessSpine({
  clock,
  flows: [writing, quoting, surest, deciding, checking, ordering, shipping, rescued],
  agents: [
    research.implement(({ context }) => ({ text: `facts about ${context.input.topic}` })),
    prices.implement(({ context }) => ({ total: context.input.pieces * 20 })),
    stock.implement(() => ({ left: 3 })),
    letter.implement(({ context }) => ({ text: `Dear reader: ${context.research.text}.` })),
    quick.implement(() => answered({ result: { text: "probably" }, confidence: 0.6 })),
    careful.implement(() => answered({ result: { text: "certainly" }, confidence: 0.9 })),
    check.implement(({ context }) => ({ ok: context.item.value.length > 2 })),
    flaky.implement(() => {
      throw new Error("The model is down.");
    }),
  ],
});

/** Sends an event, lets time pass, and prints the replies of the session. */
async function show(type: string, data: Record<string, string | number | string[]>, then?: typeof data) {
  await spine.send(type, data, { session: type });
  await spine.idle();
  if (then !== undefined) await spine.send("PaymentReceived", then, { session: type });
  await clock.runBy(5_000);
  await spine.idle();
  for (const event of await spine.reader.events(spine.key(type)))
    if (event.type === "ReplySent") console.log(type, JSON.stringify(event.data.body));
}

await show("LetterAsked", { topic: "tides" });
await show("QuoteAsked", { pieces: 2 });
await show("OpinionAsked", {});
await show("DiscountAsked", { percent: 5 });
await show("ListSent", { lines: ["tea", "x", "milk"] });
await show("OrderPlaced", { pieces: 2 }, { amount: 40 });
await show("FlakyAsked", {});
await spine.close();
