import * as z from "zod";
import {
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

const text = z.object({ text: z.string() });
export const research = defineAgent({ name: "research", reads: ["input"], output: text });
export const prices = defineAgent({
  name: "prices",
  reads: ["input"],
  output: z.object({ total: z.number() }),
});
export const stock = defineAgent({ name: "stock", reads: ["input"], output: z.object({ left: z.number() }) });
export const letter = defineAgent({ name: "letter", reads: ["input", "research"], output: text });
export const quick = defineAgent({ name: "quick", reads: ["input"], output: text });
export const careful = defineAgent({ name: "careful", reads: ["input"], output: text });
export const check = defineAgent({ name: "check", reads: ["item"], output: z.object({ ok: z.boolean() }) });
export const flaky = defineAgent({
  name: "flaky",
  reads: ["input"],
  output: text,
  retries: { max: 1, backoffMs: 100 },
});

// A value that stands in when an agent cannot answer.
const unknown = fallback.value({ text: "We will look into it." });

export const writing = defineFlow({
  name: "writing",
  on: "LetterAsked",
  plan: sequence(step(research, { fallback: unknown }), step(letter, { fallback: unknown })),
});

export const quoting = defineFlow({
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

export const surest = defineFlow({
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

export const deciding = defineFlow({
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

export const checking = defineFlow({
  name: "checking",
  on: "ListSent",
  plan: sequence(
    map({ over: "input.lines", each: step(check, { fallback: fallback.skip() }), maxItems: 50 }),
    reply(`{"fine": check.filter(line, check[line].ok).size()}`),
  ),
});

export const ordering = defineFlow({
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

export const shipping = defineFlow({
  name: "shipping",
  on: "OrderReady",
  plan: subFlow(writing, { timeoutMs: 3_600_000 }),
});

export const rescued = defineFlow({
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
