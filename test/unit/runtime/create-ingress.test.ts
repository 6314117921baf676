import { describe, expect, it } from "vitest";
import * as z from "zod";
import { reply, sequence, step, waitFor, human } from "#core/flow/build.ts";
import { parseTenantId } from "#core/ids.ts";
import { createMemoryTenantQuota } from "#memory/memory-tenant-quota.ts";
import { createCoordinator } from "#runtime/doors/create-coordinator.ts";
import { createDoor } from "#runtime/doors/create-door.ts";
import { createIngress } from "#runtime/doors/create-ingress.ts";
import type { Caller } from "#runtime/doors/read-event.ts";
import {
  answerOf,
  commitsOf,
  createBench,
  eventInput,
  flowOf,
  KEY,
  lastSent,
  ok,
  sessionKey,
  tell,
  typesOf,
  writer,
  type Bench,
} from "./engine.ts";

const SHOP: Caller = { tenant: parseTenantId("acme"), source: "shop" };
const ASK = { type: "Asked", id: "1", data: { text: "hi" } };
const writingReply = flowOf(sequence(step(writer), reply("writer.text")));

const answer = (bench: Bench, text: string) =>
  createDoor(bench.engine).answer(answerOf(lastSent(bench), ok({ text })));

describe("an accepted input", () => {
  it("gets its committed sequence, and a duplicate gets the same", async () => {
    const bench = createBench();
    const ingress = createIngress(bench.engine);
    const first = await ingress.send(SHOP, "visit-1", ASK);
    const told = { session: "visit-1", id: "1", sequence: 1, disposition: "triggers" };
    expect(first).toEqual({ ...told, duplicate: false });
    expect(await ingress.send(SHOP, "visit-1", ASK)).toEqual({ ...first, duplicate: true });
  });

  it("belongs to the caller: tenant and source never come from the body", async () => {
    const bench = createBench();
    await createIngress(bench.engine).send(SHOP, "visit-1", { ...ASK, source: "bank" });
    expect((await commitsOf(bench))[0]?.inputs).toMatchObject([{ source: "shop" }]);
    expect(await commitsOf(bench, { ...KEY, tenant: parseTenantId("other") })).toEqual([]);
  });

  it("may share its id with one of another producer", async () => {
    const bench = createBench();
    const ingress = createIngress(bench.engine);
    await ingress.send(SHOP, "visit-1", ASK);
    const other = await ingress.send({ ...SHOP, source: "bank" }, "visit-1", { ...ASK, data: 2 });
    expect(other.duplicate).toBe(false);
  });

  it("has the same body hash whatever the order of its keys", async () => {
    const bench = createBench();
    const ingress = createIngress(bench.engine);
    await ingress.send(SHOP, "visit-1", { type: "Asked", id: "1", data: { a: 1, b: 2 } });
    const again = await ingress.send(SHOP, "visit-1", { data: { b: 2, a: 1 }, id: "1", type: "Asked" });
    expect(again.duplicate).toBe(true);
  });

  it("contains the schema's output", async () => {
    const bench = createBench({ events: { Asked: z.object({ n: z.coerce.number() }) } });
    await createIngress(bench.engine).send(SHOP, "visit-1", { type: "Asked", data: { n: "7" } });
    expect((await bench.reader.current(KEY)).context["input"]).toEqual({ n: 7 });
  });

  it("may be a person's answer to an open question", async () => {
    const bench = createBench({ flows: [flowOf(sequence(human({ ask: "Well?" }), reply("human")))] });
    const ingress = createIngress(bench.engine);
    await ingress.send(SHOP, "visit-1", ASK);
    const asked = (await bench.reader.events(KEY)).find((event) => event.type === "HumanAsked");
    const ask = asked?.type === "HumanAsked" ? asked.data.ask : "";
    await ingress.answerHuman(SHOP, "visit-1", ask, { value: "yes" });
    expect(await typesOf(bench)).toEqual(expect.arrayContaining(["HumanAnswered", "ReplySent"]));
  });

  it("may be an operator's stop", async () => {
    const bench = createBench();
    const ingress = createIngress(bench.engine);
    await ingress.send(SHOP, "visit-1", ASK);
    await ingress.command(SHOP, "visit-1", { type: "stop", reason: "enough" });
    expect((await bench.reader.current(KEY)).status).toBe("stopped");
  });
});

describe("waiting for the reply", () => {
  it("returns a reply that is already in the log without any pause", async () => {
    const bench = createBench({ flows: [flowOf(reply("input.text"))] });
    const accepted = await createIngress(bench.engine).send(SHOP, "visit-1", ASK, 1_000);
    expect(accepted.reply).toMatchObject({ body: "hi", failed: false });
    expect(bench.clock.waiting).toBe(0);
  });

  it("returns the reply as soon as it is committed", async () => {
    const bench = createBench({ flows: [writingReply] });
    const waiting = createIngress(bench.engine).send(SHOP, "visit-1", ASK, 10_000);
    await bench.clock.runBy(500);
    await answer(bench, "done");
    await bench.clock.runBy(250);
    expect((await waiting).reply).toMatchObject({ body: "done", failed: false });
    expect(bench.clock.waiting).toBe(0);
  });

  it("returns the reason of a failed run", async () => {
    const bench = createBench({ flows: [flowOf(sequence(step(writer), waitFor("Never")))] });
    const waiting = createIngress(bench.engine).send(SHOP, "visit-1", ASK, 10_000);
    await bench.clock.runBy(100);
    await createIngress(bench.engine).command(SHOP, "visit-1", { type: "stop", reason: "enough" });
    await bench.clock.runBy(250);
    expect((await waiting).reply).toMatchObject({ failed: true });
  });

  it("returns none when the reply is later than the wait; the session continues", async () => {
    const bench = createBench({ flows: [writingReply] });
    const waiting = createIngress(bench.engine).send(SHOP, "visit-1", ASK, 1_000);
    await bench.clock.runBy(1_000);
    const accepted = await waiting;
    expect(accepted).toMatchObject({ sequence: 1, duplicate: false });
    expect(accepted).not.toHaveProperty("reply");
    await answer(bench, "late");
    expect(await typesOf(bench)).toContain("ReplySent");
  });

  it("ends at the given time, however long the commit took", async () => {
    const bench = createBench({
      flows: [writingReply],
      ports: ({ log, clock }) => ({
        log: {
          ...log,
          async append(key, commit) {
            await clock.sleep(10_000);
            return log.append(key, commit);
          },
        },
      }),
    });
    const start = bench.clock.now();
    const accepted = createIngress(bench.engine)
      .send(SHOP, "visit-1", ASK, 60_000, start + 12_000)
      .then((taken) => ({ ...taken, after: bench.clock.now() - start }));
    await bench.clock.runBy(60_000);
    expect(await accepted).toMatchObject({ sequence: 1, after: 12_000 });
    expect(await accepted).not.toHaveProperty("reply");
  });

  it("returns the same reply for a duplicate", async () => {
    const bench = createBench({ flows: [writingReply] });
    const ingress = createIngress(bench.engine);
    const first = ingress.send(SHOP, "visit-1", ASK, 10_000);
    const second = ingress.send(SHOP, "visit-1", ASK, 10_000);
    await bench.clock.runBy(100);
    await answer(bench, "done");
    await bench.clock.runBy(250);
    expect((await second).duplicate).not.toBe((await first).duplicate);
    expect((await second).reply).toEqual((await first).reply);
  });

  it("returns the reply for a duplicate even from the same batch commit", async () => {
    const bench = createBench({ flows: [flowOf(reply("input.text"))] });
    const ingress = createIngress(bench.engine);
    // The body's hash as ingress makes it, learnt from another session.
    await ingress.send(SHOP, "model", ASK);
    const [accepted] = await bench.reader.events(sessionKey("model"));
    if (accepted?.type !== "InputAccepted") throw new Error("Nothing was accepted.");
    const batch = [eventInput("0", { text: "first" }), accepted.data.input].map((input) => ({
      id: input.id,
      body: JSON.stringify({ ...KEY, input }),
    }));
    await createCoordinator(bench.engine).inbox(batch);
    expect(await commitsOf(bench)).toHaveLength(1);
    const again = ingress.send(SHOP, "visit-1", ASK, 1_000);
    await bench.clock.runBy(1_000);
    expect(await again).toMatchObject({ duplicate: true, reply: { body: "hi" } });
  });

  it("does not return the reply to another event of the session", async () => {
    const bench = createBench({ flows: [writingReply] });
    await tell(bench, [eventInput("other")]);
    const waiting = createIngress(bench.engine).send(SHOP, "visit-1", ASK, 1_000);
    await bench.clock.runBy(100);
    await answer(bench, "for the other");
    await bench.clock.runBy(900);
    expect(await waiting).not.toHaveProperty("reply");
  });
});

describe("a person's late answer", () => {
  it("is rejected even before the timer's message is handled", async () => {
    const bench = createBench({ flows: [flowOf(human({ ask: "Go on?", timeoutMs: 60_000 }))] });
    const ingress = createIngress(bench.engine);
    await ingress.send(SHOP, "visit-1", { ...ASK, id: "1" });
    const asked = (await bench.reader.events(KEY)).find(({ type }) => type === "HumanAsked");
    const ask = asked?.type === "HumanAsked" ? asked.data.ask : "";
    bench.clock.advanceBy(60_000);
    await expect(ingress.answerHuman(SHOP, "visit-1", ask, { value: "yes" })).rejects.toMatchObject({
      code: "question.closed",
      message: expect.stringContaining("could be answered until 2030-01-01T00:01:00.000Z") as string,
    });
    expect(await typesOf(bench)).not.toContain("HumanAnswered");
  });
});

describe("a tenant over its quota", () => {
  const OTHER: Caller = { tenant: parseTenantId("other"), source: "shop" };
  const counted = (burst: number) => {
    const bench = createBench({ flows: [flowOf(human({ ask: "Go on?" }))] });
    const quota = createMemoryTenantQuota({ acme: { perSecond: 0.5, burst } }, bench.clock);
    return { bench, ingress: createIngress(bench.engine, { quota }) };
  };
  const asking = (id: string) => ({ ...ASK, id });

  it("gets the time to retry after, and no part of its event is accepted", async () => {
    const { bench, ingress } = counted(1);
    await ingress.send(SHOP, "visit-1", asking("1"));
    await expect(ingress.send(SHOP, "visit-2", asking("2"))).rejects.toMatchObject({
      code: "tenant.over-quota",
      retryable: true,
      details: { retryAfterMs: 2_000 },
      problems: [{ field: "tenant" }],
    });
    expect(await bench.engine.log.readTail(sessionKey("visit-2"))).toEqual([]);
    bench.clock.advanceBy(2_000);
    expect(await ingress.send(SHOP, "visit-2", asking("2"))).toMatchObject({ sequence: 1 });
  });

  it("does not delay other tenants", async () => {
    const { ingress } = counted(1);
    await ingress.send(SHOP, "visit-1", asking("1"));
    for (const id of ["1", "2", "3"])
      expect(await ingress.send(OTHER, "visit-1", asking(id))).toMatchObject({ duplicate: false });
  });

  it("may still answer questions and send commands", async () => {
    const { bench, ingress } = counted(1);
    await ingress.send(SHOP, "visit-1", asking("1"));
    const asked = (await bench.reader.events(KEY)).find((event) => event.type === "HumanAsked");
    const ask = asked?.type === "HumanAsked" ? asked.data.ask : "";
    await ingress.answerHuman(SHOP, "visit-1", ask, { value: true });
    await ingress.command(SHOP, "visit-1", { type: "stop", reason: "enough" });
  });

  it("is not charged for invalid events", async () => {
    const { ingress } = counted(1);
    await expect(ingress.send(SHOP, "visit-1", { ...ASK, type: "Sung" })).rejects.toMatchObject({
      code: "input.unknown-type",
    });
    await ingress.send(SHOP, "visit-1", asking("1"));
  });
});
