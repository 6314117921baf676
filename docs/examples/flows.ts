import * as z from "zod";
import {
  answered,
  choice,
  defineAgent,
  defineFlow,
  emit,
  fallback,
  human,
  map,
  parallel,
  reply,
  sequence,
  step,
  subFlow,
  transform,
  waitFor,
} from "event-spine";
import { createMovableClock, inProcessSpine } from "event-spine/testing";

const text = z.object({ text: z.string() });
const research = defineAgent({ name: "research", reads: ["input"], output: text });
const prices = defineAgent({ name: "prices", reads: ["input"], output: z.object({ total: z.number() }) });
const stock = defineAgent({ name: "stock", reads: ["input"], output: z.object({ left: z.number() }) });
const letter = defineAgent({ name: "letter", reads: ["input", "research"], output: text });
const quick = defineAgent({ name: "quick", reads: ["input"], output: text });
const careful = defineAgent({ name: "careful", reads: ["input"], output: text });
const check = defineAgent({ name: "check", reads: ["item"], output: z.object({ ok: z.boolean() }) });
const flaky = defineAgent({
  name: "flaky",
  reads: ["input"],
  output: text,
  retries: { max: 1, backoffMs: 100 },
});

// A value that stands in when an agent cannot answer.
const unknown = fallback.value({ text: "We will look into it." });

const writing = defineFlow({
  name: "writing",
  on: "LetterAsked",
  plan: sequence(step(research, { fallback: unknown }), step(letter, { fallback: unknown })),
});

const quoting = defineFlow({
  name: "quoting",
  on: "QuoteAsked",
  plan: sequence(
    parallel({
      branches: {
        price: step(prices, { fallback: fallback.lastKnown() }),
        shelf: step(stock, { fallback: fallback.skip() }),
      },
      timeoutMs: 10_000,
    }),
    reply(`{"total": prices.total, "inStock": has(stock.left) && stock.left > 0}`),
  ),
});

const surest = defineFlow({
  name: "surest",
  on: "OpinionAsked",
  plan: parallel({
    branches: {
      quick: step(quick, { fallback: fallback.skip() }),
      careful: step(careful, { fallback: fallback.skip() }),
    },
    join: { type: "best", into: "chosen" },
  }),
});

const deciding = defineFlow({
  name: "deciding",
  on: "DiscountAsked",
  if: "event.percent > 0",
  plan: choice({
    when: [
      { if: "input.percent <= 10", then: reply(`{"granted": input.percent}`) },
      { if: `has(constraints.openFrom)`, then: reply(`{"granted": 10}`) },
    ],
    otherwise: sequence(
      human({ ask: "How many percent may this customer have?", into: "allowed", timeoutMs: 3_600_000 }),
      reply(`{"granted": allowed}`),
    ),
  }),
});

const checking = defineFlow({
  name: "checking",
  on: "ListSent",
  plan: sequence(
    map({ over: "input.lines", each: step(check, { fallback: fallback.skip() }), maxItems: 50 }),
    reply(`{"fine": check.filter(line, check[line].ok).size()}`),
  ),
});

const ordering = defineFlow({
  name: "ordering",
  on: "OrderPlaced",
  onBusy: "queue",
  plan: sequence(
    transform({ "order.total": "input.pieces * 20", "order.paid": "false" }),
    waitFor("PaymentReceived", { if: "event.amount >= order.total", into: "payment", timeoutMs: 86_400_000 }),
    transform({ "order.paid": "true" }),
    emit("OrderReady", `{"topic": "parcel for " + string(order.total)}`),
    reply("order"),
  ),
});

const shipping = defineFlow({
  name: "shipping",
  on: "OrderReady",
  plan: subFlow(writing, { timeoutMs: 3_600_000 }),
});

const rescued = defineFlow({
  name: "rescued",
  on: "FlakyAsked",
  onBusy: "parallel",
  plan: step(flaky, {
    timeoutMs: 2_000,
    fallback: [
      fallback.agent(quick),
      fallback.lastKnown(),
      fallback.human({ ask: "What do we say?" }),
      unknown,
    ],
  }),
});

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
