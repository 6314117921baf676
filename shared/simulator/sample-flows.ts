import {
  choice,
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
} from "#core/flow/build.ts";
import type { Hire } from "./sim-agents.ts";
import type { SimCase } from "./cases.ts";
import { parcels, vigils } from "./waiting-flows.ts";

function support(simAgent: Hire): SimCase {
  const inquiry = simAgent({ name: "inquiry", reads: ["input"] });
  const schedule = simAgent({ name: "schedule", reads: ["input", "inquiry.value"] });
  const papers = simAgent({ name: "papers", reads: ["inquiry"] });
  const backup = simAgent({ name: "backup", reads: ["input"] });
  const advice = simAgent({ name: "advice", reads: ["schedule", "papers", "session"], onStale: "accept" });
  const plan = sequence(
    step(inquiry, { fallback: [fallback.agent(backup), fallback.value({ value: 1, items: [] })] }),
    parallel({
      branches: {
        schedule: step(schedule, { fallback: [fallback.lastKnown(), fallback.skip()] }),
        papers: step(papers, { fallback: fallback.skip() }),
      },
    }),
    choice({
      when: [
        { if: "has(inquiry.value) && inquiry.value > 70", then: step(advice, { fallback: fallback.skip() }) },
        { if: "input.n > 5", then: transform({ note: "input.n * 2" }) },
      ],
      otherwise: transform({ note: "0" }),
    }),
    reply("has(inquiry.value) ? inquiry.value : -1"),
  );
  return {
    name: "support",
    agents: [inquiry, schedule, papers, backup, advice],
    flows: [defineFlow({ name: "support", on: "Asked", plan })],
  };
}

function forks(simAgent: Hire): SimCase {
  const a = simAgent({ name: "a" });
  const b = simAgent({ name: "b" });
  const c = simAgent({ name: "c", retries: { max: 0, backoffMs: 0 } });
  const d = simAgent({ name: "d", reads: ["input", "best"] });
  const skip = { fallback: [fallback.lastKnown(), fallback.skip()] };
  const any = defineFlow({
    name: "any",
    on: "Asked",
    plan: sequence(
      parallel({ branches: { a: step(a), b: step(b, skip) }, join: { type: "any" }, losers: "finish" }),
      transform({ note: "has(a.value) ? a.value : 0" }),
    ),
  });
  const quorum = defineFlow({
    name: "quorum",
    on: "Voted",
    onBusy: "restart",
    plan: sequence(
      parallel({
        branches: { a: step(a), b: step(b), c: step(c, skip) },
        join: { type: "quorum", n: 2 },
        timeoutMs: 4_000,
        onTimeout: "partial",
      }),
      reply("has(a.value) ? a.value : -1"),
    ),
  });
  const best = defineFlow({
    name: "best",
    on: "Compared",
    plan: sequence(
      parallel({
        branches: { a: step(a, skip), b: step(b, skip) },
        join: { type: "best", into: "best" },
        timeoutMs: 900,
        onTimeout: "partial",
      }),
      choice({ when: [{ if: "input.n > 6", then: step(d, skip) }], otherwise: transform({ note: "1" }) }),
    ),
  });
  return { name: "forks", agents: [a, b, c, d], flows: [any, quorum, best] };
}

function orders(simAgent: Hire): SimCase {
  const price = simAgent({ name: "price" });
  const book = simAgent({ name: "book", reads: ["input", "price"], effect: "once" });
  const mail = simAgent({ name: "mail", reads: ["book", "note"], effect: "once", onDoubt: "repeat" });
  const ship = simAgent({ name: "ship", reads: ["input", "note"], effect: "once", onStale: "drop" });
  const order = defineFlow({
    name: "order",
    on: "Asked",
    plan: sequence(
      step(price, { fallback: fallback.value({ value: 5, items: [] }) }),
      step(book, { fallback: fallback.human({ ask: "Book it by hand?", timeoutMs: 20_000 }) }),
      step(mail, { fallback: fallback.skip() }),
      reply("has(book.value) ? book.value : -1"),
    ),
  });
  const note = defineFlow({
    name: "note",
    on: "Noted",
    onBusy: "parallel",
    plan: transform({ note: "input.n" }),
  });
  const delivery = defineFlow({
    name: "delivery",
    on: "Shipped",
    plan: sequence(
      step(ship, { fallback: fallback.skip() }),
      human({ ask: "Arrived?", into: "arrived", timeoutMs: 15_000, onTimeout: "continue" }),
    ),
  });
  return { name: "orders", agents: [price, book, mail, ship], flows: [order, note, delivery] };
}

function batches(simAgent: Hire): SimCase {
  const lister = simAgent({ name: "lister" });
  const work = simAgent({ name: "work", reads: ["item", "lister.value"] });
  const check = simAgent({ name: "check", reads: ["item", "work"], retries: { max: 0, backoffMs: 0 } });
  const sides = ["p", "q", "r", "s", "t"].map((name) =>
    simAgent({ name, retries: { max: 0, backoffMs: 0 } }),
  );
  const skip = { fallback: [fallback.lastKnown(), fallback.skip()] };
  const batch = defineFlow({
    name: "batch",
    on: "Asked",
    plan: sequence(
      step(lister, { fallback: fallback.value({ value: 3, items: [1, 2] }) }),
      map({
        over: "lister.items",
        maxConcurrent: 2,
        maxItems: 5,
        timeoutMs: 40_000,
        each: sequence(step(work, skip), step(check, skip)),
      }),
      reply("lister.value"),
    ),
  });
  const wide = defineFlow({
    name: "wide",
    on: "Spread",
    plan: sequence(
      parallel({
        branches: Object.fromEntries(sides.map((side) => [side.spec.name, step(side, skip)])),
        timeoutMs: 1_500,
        onTimeout: "partial",
      }),
      // Who of them answers last is a matter of time.
      reply("has(p.value) ? p.value : -1"),
    ),
  });
  return { name: "batches", agents: [lister, work, check, ...sides], flows: [batch, wide] };
}

function talks(simAgent: Hire): SimCase {
  const hear = simAgent({ name: "hear" });
  const think = simAgent({ name: "think", reads: ["input", "said", "human"] });
  const follow = simAgent({ name: "follow" });
  const inner = defineFlow({
    name: "inner",
    plan: sequence(step(think, { fallback: fallback.skip() }), transform({ mood: "1" })),
  });
  const talk = defineFlow({
    name: "talk",
    on: "Asked",
    plan: sequence(
      step(hear, { fallback: fallback.skip() }),
      // What is said while a person thinks is kept.
      human({ ask: "Go on?", timeoutMs: 10_000, onTimeout: "continue" }),
      waitFor("Said", { into: "said", if: "event.n >= 2", timeoutMs: 12_000, onTimeout: "continue" }),
      subFlow(inner, { timeoutMs: 40_000 }),
      emit("Ended", "{'n': 3}"),
    ),
  });
  const after = defineFlow({ name: "after", on: "Ended", plan: step(follow, { fallback: fallback.skip() }) });
  const strict = defineFlow({
    name: "strict",
    on: "Demanded",
    onBusy: "restart",
    plan: sequence({ timeoutMs: 8_000 }, step(hear), waitFor("Said", { timeoutMs: 6_000 })),
  });
  return { name: "talks", agents: [hear, think, follow], flows: [talk, inner, after, strict] };
}

function urgencies(simAgent: Hire): SimCase {
  const slow = simAgent({ name: "slow", timeoutMs: 6_000 });
  const facts = simAgent({ name: "facts" });
  const user = simAgent({ name: "slow-user", reads: ["input", "facts", "note"] });
  const dropper = simAgent({ name: "slow-dropper", reads: ["facts", "note"], onStale: "drop" });
  const taker = simAgent({ name: "slow-taker", reads: ["facts", "note", "input"], onStale: "accept" });
  const alarm = simAgent({ name: "alarm", reads: ["input", "session"] });
  const skip = { fallback: [fallback.lastKnown(), fallback.skip()] };
  const usual = defineFlow({
    name: "usual",
    on: "Asked",
    plan: sequence(
      step(slow, skip),
      parallel({ branches: { user: step(user, skip), taker: step(taker, skip) } }),
    ),
  });
  const update = defineFlow({ name: "update", on: "Learned", onBusy: "parallel", plan: step(facts, skip) });
  const noting = defineFlow({
    name: "noting",
    on: "Noted",
    onBusy: "parallel",
    plan: transform({ note: "input.n" }),
  });
  const dropping = defineFlow({ name: "dropping", on: "Doubted", plan: step(dropper, skip) });
  const urgent = defineFlow({ name: "urgent", on: "Alarmed", onBusy: "pre-empt", plan: step(alarm, skip) });
  const shy = defineFlow({ name: "shy", on: "Offered", onBusy: "reject", plan: step(slow, skip) });
  return {
    name: "urgencies",
    agents: [slow, facts, user, dropper, taker, alarm],
    flows: [usual, dropping, update, noting, urgent, shy],
  };
}

function changes(simAgent: Hire): SimCase {
  const user = simAgent({ name: "slow-user", reads: ["input", "note"] });
  const taker = simAgent({ name: "slow-taker", reads: ["note"], onStale: "accept" });
  const dropper = simAgent({ name: "slow-dropper", reads: ["note", "input"], onStale: "drop" });
  const actor = simAgent({ name: "slow-actor", reads: ["note"], effect: "once" });
  const skip = { fallback: fallback.skip() };
  const using = defineFlow({
    name: "using",
    on: "Asked",
    plan: parallel({
      branches: { user: step(user, skip), taker: step(taker, skip), dropper: step(dropper, skip) },
    }),
  });
  const acting = defineFlow({ name: "acting", on: "Ordered", onBusy: "parallel", plan: step(actor, skip) });
  const noting = defineFlow({
    name: "noting",
    on: "Noted",
    onBusy: "parallel",
    plan: transform({ note: "input.n" }),
  });
  return { name: "changes", agents: [user, taker, dropper, actor], flows: [using, acting, noting] };
}

function trips(simAgent: Hire): SimCase {
  const act = { effect: "once", retries: { max: 1, backoffMs: 400 } } as const;
  const room = simAgent({ name: "room", ...act, onDoubt: "ask" });
  const car = simAgent({ name: "car", ...act, onDoubt: { person: "Is the car booked?", timeoutMs: 15_000 } });
  const freeRoom = simAgent({ name: "free-room", reads: ["undo"], ...act, onDoubt: "repeat" });
  const freeCar = simAgent({ name: "free-car", reads: ["undo", "note"], onStale: "accept" });
  const trip = defineFlow({
    name: "trip",
    on: "Asked",
    plan: sequence(
      parallel({
        branches: {
          room: step(room, { compensate: step(freeRoom) }),
          car: step(car, {
            compensate: step(freeCar, {
              fallback: fallback.human({ ask: "Free the car?", timeoutMs: 10_000 }),
            }),
            fallback: fallback.skip(),
          }),
        },
      }),
      // Some journeys are not possible after all.
      choice({
        when: [{ if: "input.n > 4", then: transform({ note: "input.there.is.none" }) }],
        otherwise: transform({ note: "input.n" }),
      }),
    ),
  });
  const rooms = defineFlow({
    name: "rooms",
    on: "Ordered",
    onBusy: "restart",
    plan: sequence(step(room, { compensate: step(freeRoom) }), waitFor("Paid", { timeoutMs: 4_000 })),
  });
  return { name: "trips", agents: [room, car, freeRoom, freeCar], flows: [trip, rooms] };
}

function memories(simAgent: Hire): SimCase {
  const know = simAgent({ name: "slow-know", keeps: true });
  const sign = simAgent({ name: "sign", keeps: true, effect: "once", onDoubt: "repeat" });
  const tell = simAgent({ name: "slow-tell", reads: ["slow_know", "before.slow_tell"] });
  const skip = { fallback: fallback.skip() };
  const talk = defineFlow({
    name: "talk",
    on: "Asked",
    plan: sequence(
      step(sign, skip),
      // From here on an alert that comes between finds something signed.
      step(know, skip),
      human({ ask: "Is that all?", timeoutMs: 10_000, onTimeout: "continue" }),
      step(tell, skip),
      reply(
        `has(slow_tell.value) ? slow_tell.value : has(before.slow_tell.value) ? before.slow_tell.value : -1`,
      ),
    ),
  });
  const alert = defineFlow({
    name: "alert",
    on: "Alarmed",
    onBusy: "pre-empt",
    plan: sequence(step(know, skip), step(sign, skip)),
  });
  return { name: "memories", agents: [know, sign, tell], flows: [talk, alert] };
}

function papers(simAgent: Hire): SimCase {
  const rate = simAgent({ name: "rate", reads: ["item"], retries: { max: 0, backoffMs: 0 } });
  const total = simAgent({ name: "total", reads: ["order", "before.total"] });
  const note = defineFlow({
    name: "note",
    on: "Noted",
    plan: choice({
      when: [{ if: "input.n > 5", then: transform({ "order.note": "input.n" }) }],
      otherwise: transform({}),
    }),
  });
  const order = defineFlow({
    name: "order",
    on: "Asked",
    plan: sequence(
      step(total, { fallback: fallback.skip() }),
      transform({ "order.total": "input.n", "order.known": "has(before.order.total)" }),
    ),
  });
  const list = defineFlow({
    name: "list",
    on: "Listed",
    plan: sequence(
      map({
        over: "[input.n, input.n + 1]",
        key: `"n" + string(item.value)`,
        each: step(rate, { fallback: [fallback.lastKnown(), fallback.skip()] }),
      }),
      reply("rate"),
    ),
  });
  return { name: "papers", agents: [rate, total], flows: [note, order, list] };
}

/** Flows that between them use everything a flow can say. */
export const SAMPLE_CASES: readonly ((simAgent: Hire) => SimCase)[] = [
  support,
  forks,
  orders,
  batches,
  talks,
  urgencies,
  changes,
  trips,
  memories,
  papers,
  parcels,
  vigils,
];
