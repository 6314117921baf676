import { describe, expect, it } from "vitest";
import * as z from "zod";
import { createTenants } from "#aws/lambda/tenants.ts";
import { reply, transform } from "#core/flow/build.ts";
import { createSeededIds } from "#memory/seeded-ids.ts";
import type { InboxMessage } from "#ports/queues.ts";
import { createCoordinator, type QueuedMessage } from "#runtime/doors/create-coordinator.ts";
import { createIntake, type IntakePorts, type PutOff } from "#runtime/intake/create-intake.ts";
import { secondsToPutOff } from "#runtime/intake/put-off.ts";
import type { RefusedEvent } from "#runtime/intake/refused-event.ts";
import { commitsOf, createBench, flowOf, sessionKey, START, typesOf } from "./engine.ts";

const flows = [
  flowOf(transform({ note: "input" }), { name: "noting", on: "OrderPlaced" }),
  flowOf(reply("input"), { name: "checked", on: "Own" }),
];
const away = new Error("No queue.");

const envelope = (detail: unknown, more: object = {}) =>
  JSON.stringify({
    id: "e-1",
    account: "111122223333",
    source: "com.shop",
    "detail-type": "OrderPlaced",
    detail,
    ...more,
  });
const messages = (bodies: readonly string[], more: Partial<QueuedMessage> = {}): readonly QueuedMessage[] =>
  bodies.map((body, at) => ({ id: `m${at + 1}`, body, ...more }));

function intaking(
  ports: Partial<IntakePorts> & { readonly canSend?: boolean; readonly inboxIsDown?: boolean } = {},
) {
  const { canSend = true, inboxIsDown = false, ...own } = ports;
  const bench = createBench({ flows });
  const sent: InboxMessage[] = [];
  const late: PutOff[] = [];
  const dead: RefusedEvent[] = [];
  const counts: Record<string, number> = {};
  const sending = () => (canSend ? Promise.resolve() : Promise.reject(away));
  const take = createIntake({
    ...bench.engine,
    ids: createSeededIds("intake"),
    callerOf: createTenants({}).ofBus,
    inbox: {
      send: (...all) => {
        if (inboxIsDown) return Promise.reject(away);
        sent.push(...all);
        return Promise.resolve();
      },
    },
    putOff: (events) => (late.push(...events), sending()),
    refuse: (events) => (dead.push(...events), sending()),
    count: (metric, by) => void (counts[metric] = (counts[metric] ?? 0) + by),
    ...own,
  });
  return { take, sent, late, dead, counts, bench };
}

describe("an event of spine-in", () => {
  it("goes to its session's inbox under the envelope's identity, together with its envelope", async () => {
    const { take, sent } = intaking();
    const body = envelope({ session: "s-1", data: { n: 1 }, ordinal: 2, facts: { who: "Ada" } });
    expect(await take(messages([body]))).toEqual([]);
    expect(sent).toMatchObject([
      {
        key: { tenant: "default", session: "s-1" },
        input: {
          kind: "event",
          source: "111122223333/com.shop",
          id: "e-1",
          type: "OrderPlaced",
          data: { n: 1 },
          ordinal: 2,
          session: { who: "Ada" },
        },
        envelope: JSON.parse(body) as object,
      },
    ]);
  });

  it("keeps its own id and type if it has them, but never another source", async () => {
    const { take, sent, dead } = intaking();
    await take(messages([envelope({ session: "s-1", id: "own", type: "Own", source: "444455556666" })]));
    expect(sent).toMatchObject([{ input: { source: "111122223333/com.shop", id: "own", type: "Own" } }]);
    await take(messages([envelope({ session: "s-1", account: "444455556666" })]));
    expect(dead).toMatchObject([{ cause: expect.stringContaining("account") as string }]);
  });

  it.each([
    ["command", { kind: "command", command: { type: "stop", reason: "mine" } }],
    ["deadline", { kind: "deadline", at: 0 }],
    ["letter", { kind: "letter", queue: "q", reason: "r" }],
    ["answer", { kind: "answer", task: "t", attempt: 1, outcome: { status: "ok", result: 1 } }],
    ["person's answer", { kind: "human", ask: "a", value: 1 }],
    ["message of the inbox", { input: { kind: "command" }, tenant: "other" }],
  ])("can never be a %s, whatever it contains", async (_, forged) => {
    const { take, sent, dead } = intaking();
    await take(
      messages([envelope({ session: "s-1", ...forged }), JSON.stringify({ session: "s-1", ...forged })]),
    );
    expect(sent).toEqual([]);
    expect(dead).toHaveLength(2);
    await take(messages([envelope({ session: "s-1", data: forged })]));
    expect(sent).toMatchObject([{ input: { kind: "event", data: forged } }]);
  });

  it("keeps the order of a session's events, in one send", async () => {
    const { take, sent } = intaking();
    const bodies = ["1", "2", "3"].map((id) => envelope({ session: "s-1", id, data: id }));
    await take(messages(bodies));
    expect(sent.map(({ input }) => "id" in input && input.id)).toEqual(["1", "2", "3"]);
  });

  it("is dead-lettered at once, with its cause, when no retry could help", async () => {
    const { take, sent, dead, counts } = intaking();
    const bodies = [
      "not JSON",
      envelope({}),
      envelope("text"),
      envelope({ session: "s 1" }),
      envelope({ session: "s-1", data: "x".repeat(256_001) }),
      envelope({ session: "s-1" }, { resources: Array.from({ length: 400 }, () => "r".repeat(1_000)) }),
    ];
    expect(await take(messages([envelope({ session: "s-1" }), ...bodies]))).toEqual([]);
    expect(sent).toHaveLength(1);
    expect(dead.map(({ body }) => body)).toEqual(bodies);
    for (const { cause } of dead) expect(cause).toMatch(/^(input\.|id\.)[a-z-]+: /);
    expect(counts).toEqual({ EventsTaken: 1, EventsRefused: bodies.length });
  });

  it.each([
    ["its source", envelope({ session: "s-1" }, { source: "com.\u0000shop" }), "source"],
    ["its envelope's id", envelope({ session: "s-1" }, { id: "e\ud800" }), "id"],
    ["its type", envelope({ session: "s-1" }, { "detail-type": "Order\nPlaced" }), "detail-type"],
    ["its own id", envelope({ session: "s-1", id: "\u001b[2J" }), "id"],
    ["its correlation", envelope({ session: "s-1", correlation: "a\udfff" }), "correlation"],
    ["its session", envelope({ session: "s\u00071" }), "session"],
  ])(
    "is dead-lettered at once when %s has control characters or an unpaired surrogate",
    async (_, body, field) => {
      const { take, sent, dead } = intaking();
      expect(await take(messages([body]))).toEqual([]);
      expect(sent).toEqual([]);
      expect(dead).toMatchObject([{ body, cause: expect.stringContaining(field) }]);
    },
  );

  it("goes to its session unvalidated when the application does not know it, because an older run may wait for it", async () => {
    const schema = z.object({ n: z.number() });
    const { take, sent, dead, bench } = intaking();
    const checked = intaking({ application: { ...bench.engine.application, eventSchema: () => schema } });
    const unfit = messages([envelope({ session: "s-1", data: { n: "1" } })]);
    await checked.take(unfit);
    expect(checked.sent).toMatchObject([{ unchecked: true, input: { data: { n: "1" } } }]);
    await take(unfit);
    await take(messages([envelope({ session: "s-1", type: "Unheard" })]));
    expect(sent.map(({ unchecked }) => unchecked)).toEqual([undefined, true]);
    expect(dead).toEqual([]);
  });

  it("has no owner when its source belongs to no tenant", async () => {
    const { take, sent, dead } = intaking({
      callerOf: createTenants({ tenants: { "111122223333/com.crm": "crm" } }).ofBus,
    });
    expect(await take(messages([envelope({ session: "s-1" })]))).toEqual([]);
    expect(sent).toEqual([]);
    expect(dead).toMatchObject([{ cause: expect.stringContaining("belongs to no tenant") as string }]);
  });

  it("is redelivered when the inbox rejects it, and records the reason when its last receive fails too", async () => {
    const { take, dead } = intaking({ inboxIsDown: true });
    const body = envelope({ session: "s-1" });
    expect(await take(messages([body], { receives: 9 }))).toEqual(["m1"]);
    expect(await take(messages([body], { receives: 10 }))).toEqual([]);
    expect(dead).toEqual([{ body, cause: "No queue." }]);
  });

  it("is redelivered when the dead-letter queue rejects it", async () => {
    const { take } = intaking({ canSend: false });
    expect(await take(messages(["not JSON"]))).toEqual(["m1"]);
  });

  it("is marked as redriven for the inbox, which has already received it", async () => {
    const { take, sent } = intaking();
    await take(messages([envelope({ session: "s-1" })], { redrive: "again-1" }));
    expect(sent).toMatchObject([{ redrive: "again-1" }]);
  });
});

describe("an event over its tenant's quota", () => {
  const over = (canSend = true) => {
    let asked = 0;
    // The first and the third have no room.
    const take = () =>
      Promise.resolve(
        (asked += 1) % 2 === 1
          ? ({ type: "over", retryAfterMs: 2_500 } as const)
          : ({ type: "granted" } as const),
      );
    return intaking({ quota: { take }, clock: { now: () => START }, canSend });
  };

  it("returns to the queue with a delay, and no other event with it", async () => {
    const { take, sent, late, counts } = over();
    const bodies = ["1", "2", "3"].map((id) => envelope({ session: "s-1", id }));
    expect(await take(messages(bodies))).toEqual([]);
    expect(sent.map(({ input }) => "id" in input && input.id)).toEqual(["2"]);
    expect(late).toEqual([
      { body: bodies[0], delaySeconds: 3 },
      { body: bodies[2], delaySeconds: 3 },
    ]);
    expect(counts["EventsPutOff"]).toBe(2);
  });

  it("waits longer the longer it has waited", async () => {
    const { take, late } = over();
    await take(messages([envelope({ session: "s-1" }, { time: new Date(START - 600_000).toISOString() })]));
    expect(late[0]?.delaySeconds).toBeGreaterThanOrEqual(300);
  });

  it("is returned when it can be neither accepted nor delayed", async () => {
    const { take } = over(false);
    expect(await take(messages([envelope({ session: "s-1" }), envelope({ session: "s-1" })]))).toEqual([
      "m1",
    ]);
  });
});

describe("an event of spine-in at its session", () => {
  const A = sessionKey("a");
  const whole = { id: "e-1", detail: { session: "a" } };
  const event = (id: string, more: object = {}) => ({
    kind: "event",
    source: "1/com.shop",
    id,
    hash: id,
    correlation: id,
    type: "Asked",
    data: {},
    ...more,
  });
  const inboxed = (id: string, input: object, more: Partial<QueuedMessage> = {}): QueuedMessage => ({
    id,
    body: JSON.stringify({ ...A, input, envelope: whole }),
    ...more,
  });
  function coordinating(canRefuse = true, ...[options]: Parameters<typeof createBench>) {
    const bench = createBench(options ?? { flows: [flowOf(reply("input"), { onBusy: "queue" })] });
    const dead: RefusedEvent[] = [];
    const refuse = (events: readonly RefusedEvent[]) =>
      canRefuse ? Promise.resolve(void dead.push(...events)) : Promise.reject(away);
    return { bench, dead, coordinator: createCoordinator(bench.engine, { refuse }) };
  }

  it("shares one commit with nine others of its batch", async () => {
    const { bench, coordinator } = coordinating();
    const ten = Array.from({ length: 10 }, (_, n) => inboxed(`m${n}`, event(`e${n}`)));
    expect(await coordinator.inbox(ten)).toEqual([]);
    expect(await commitsOf(bench, A)).toHaveLength(1);
    expect((await typesOf(bench, A)).filter((type) => type === "InputAccepted")).toHaveLength(10);
  });

  it("becomes a dead letter unchanged, with its cause, when its session rejects it", async () => {
    const { dead, coordinator } = coordinating();
    const stop = { ...event("c-1"), kind: "command", command: { type: "stop", reason: "over" } };
    await coordinator.inbox([{ id: "m0", body: JSON.stringify({ ...A, input: stop }) }]);
    expect(await coordinator.inbox([inboxed("m1", event("e-1"))])).toEqual([]);
    expect(dead).toMatchObject([
      { body: JSON.stringify(whole), cause: expect.stringMatching(/^session\.stopped: /) as string },
    ]);
  });

  it("becomes one when its id was used with another body, but not when it is a duplicate", async () => {
    const { dead, coordinator } = coordinating();
    await coordinator.inbox([inboxed("m1", event("e-1"))]);
    await coordinator.inbox([inboxed("m2", event("e-1"))]);
    expect(dead).toEqual([]);
    await coordinator.inbox([inboxed("m3", event("e-1", { hash: "another", data: { n: 2 } }))]);
    expect(dead).toMatchObject([{ cause: expect.stringMatching(/^input\.conflict: /) as string }]);
  });

  it("becomes one when its flow rejects events while busy, which the log records too", async () => {
    const flow = flowOf(transform({ n: "1" }), { onBusy: "reject" });
    const waiting = flowOf(
      { kind: "wait", event: "Never", timeoutMs: 10_000, onTimeout: "fail" },
      { name: "waiting", on: "Own", onBusy: "queue" },
    );
    const { bench, dead, coordinator } = coordinating(true, { flows: [flow, waiting] });
    await coordinator.inbox([inboxed("m1", event("e-1", { type: "Own" })), inboxed("m2", event("e-2"))]);
    expect(dead).toMatchObject([{ cause: expect.stringMatching(/^input\.rejected: /) as string }]);
    expect(await typesOf(bench, A)).toContain("RunRejected");
  });

  it("is redelivered while its session has no room, and becomes a dead letter after its receives", async () => {
    const waiting = flowOf(
      { kind: "wait", event: "Never", timeoutMs: 10_000, onTimeout: "fail" },
      { onBusy: "queue" },
    );
    const { dead, coordinator } = coordinating(true, { flows: [waiting], limits: { queuedRuns: 1 } });
    const all = Array.from({ length: 3 }, (_, n) => inboxed(`m${n}`, event(`e${n}`)));
    const back = await coordinator.inbox(all);
    expect([back.length, dead.length]).toEqual([1, 0]);
    const last = all.filter(({ id }) => back.includes(id)).map((message) => ({ ...message, receives: 16 }));
    expect(await coordinator.inbox(last)).toEqual([]);
    expect(dead).toMatchObject([{ cause: expect.stringMatching(/^session\.full: /) as string }]);
  });

  it("is redelivered when the dead-letter queue rejects it, and is rejected again", async () => {
    const { coordinator } = coordinating(false);
    const conflict = [inboxed("m1", event("e-1")), inboxed("m2", event("e-1", { hash: "another" }))];
    expect(await coordinator.inbox(conflict)).toEqual(["m2"]);
  });

  it("is reported as rejected on redelivery, even if the function that committed it reported nothing", async () => {
    const waiting = flowOf(
      { kind: "wait", event: "Never", timeoutMs: 10_000, onTimeout: "fail" },
      { name: "waiting", on: "Own", onBusy: "queue" },
    );
    const flows = [flowOf(transform({ n: "1" }), { onBusy: "reject" }), waiting];
    const { bench, coordinator } = coordinating(false, { flows });
    const taken = inboxed("m1", event("e-1", { type: "Own" }));
    const rejected = inboxed("m2", event("e-2"));
    expect(await coordinator.inbox([taken, rejected])).toEqual(["m2"]);
    const dead: RefusedEvent[] = [];
    const next = createCoordinator(bench.engine, {
      refuse: (events) => Promise.resolve(void dead.push(...events)),
    });
    expect(await next.inbox([taken, rejected])).toEqual([]);
    expect(dead).toMatchObject([{ cause: expect.stringMatching(/^input\.rejected: /) as string }]);
    expect((await typesOf(bench, A)).filter((type) => type === "RunRejected")).toHaveLength(1);
  });
});

describe("a delayed event", () => {
  const delays = (waitedMs: number, retryAfterMs: number) =>
    ["a", "b", "c", "d", "e", "f"].map((seed) => secondsToPutOff(waitedMs, retryAfterMs, seed));

  it("waits for 0.5 to 1.5 times its age, independently of others", () => {
    const some = delays(100_000, 1_000);
    expect(Math.min(...some)).toBeGreaterThanOrEqual(50);
    expect(Math.max(...some)).toBeLessThanOrEqual(150);
    expect(new Set(some).size).toBeGreaterThan(3);
  });

  it("waits until its quota has room, in whole seconds, and no longer than SQS allows", () => {
    expect(delays(0, 7_100)).toEqual([8, 8, 8, 8, 8, 8]);
    expect(delays(-5_000, 0)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(delays(86_400_000, 1_000)).toEqual([900, 900, 900, 900, 900, 900]);
  });
});
