import { describe, expect, it } from "vitest";
import * as z from "zod";
import { step } from "#core/flow/build.ts";
import { parseTenantId } from "#core/ids.ts";
import { RIGHTS } from "#core/rights.ts";
import { MAX_SIGNAL_BYTES } from "#core/session/signal/task-signal.ts";
import { verifyReplay } from "#core/session/replay.ts";
import { createDoor } from "#runtime/doors/create-door.ts";
import { createHttpIngress } from "#runtime/doors/create-http-ingress.ts";
import { createIngress } from "#runtime/doors/create-ingress.ts";
import type { KnownCaller } from "#runtime/doors/read-event.ts";
import {
  answerOf,
  commitsOf,
  contractOf,
  createBench,
  flowOf,
  KEY,
  lastSent,
  proofOf,
  typesOf,
} from "./engine.ts";

const SHOP: KnownCaller = { tenant: parseTenantId("acme"), source: "shop", rights: ["send"] };
const listener = contractOf("listener", {
  signals: { typed: z.object({ text: z.string().trim() }), enough: z.null() },
});

async function started() {
  const bench = createBench({ agents: [listener], flows: [flowOf(step(listener))] });
  const ingress = createIngress(bench.engine);
  await ingress.send(SHOP, "visit-1", { type: "Asked", id: "1", data: {} });
  return { bench, ingress, door: createDoor(bench.engine), proof: proofOf(lastSent(bench)) };
}

describe("a signal at the ingress", () => {
  it("is committed, checked by its schema, and handed to the agent that asks, in order", async () => {
    const { bench, ingress, door, proof } = await started();
    const typed = { id: "s1", to: "listener", name: "typed", data: { text: " and a window seat " } };
    const taken = await ingress.signal({ ...SHOP, person: "ada" }, "visit-1", typed);
    expect(taken).toMatchObject({ id: "s1", duplicate: false, disposition: "signalled" });
    await ingress.signal(SHOP, "visit-1", { to: proof.task, name: "enough" });
    const signals = [
      { number: 1, name: "typed", data: { text: "and a window seat" } },
      { number: 2, name: "enough", data: null },
    ];
    expect(await door.signals(proof, 0)).toEqual({ go: true, signals });
    expect(await door.signals(proof, 1)).toEqual({ go: true, signals: signals.slice(1) });
    expect(await door.signals(proof, 2)).toEqual({ go: true, signals: [] });
    const events = await bench.reader.events(KEY);
    expect(events.find(({ type }) => type === "TaskSignalled")).toMatchObject({
      data: { input: { source: "shop", by: "ada", name: "typed" }, tasks: [proof.task] },
    });
    expect(verifyReplay(await bench.reader.allCommits(KEY), bench.engine.application)).toBeUndefined();
  });

  it("that comes again is told the same, and with another body it is a conflict", async () => {
    const { bench, ingress } = await started();
    const given = { id: "s1", to: "listener", name: "enough" };
    const first = await ingress.signal(SHOP, "visit-1", given);
    expect(await ingress.signal(SHOP, "visit-1", given)).toEqual({ ...first, duplicate: true });
    expect(await commitsOf(bench)).toHaveLength(2);
    const other = ingress.signal(SHOP, "visit-1", { ...given, to: "plan" });
    await expect(other).rejects.toMatchObject({ code: "input.conflict" });
  });

  it("that is too late is recorded as ignored, with the reason, also when it comes again", async () => {
    const { bench, ingress, door, proof } = await started();
    await door.answer(answerOf(lastSent(bench), { status: "ok", result: { text: "done" } }));
    const late = { id: "s1", to: "listener", name: "enough" };
    const ignored = { disposition: "ignored", reason: "no task is under way there" };
    expect(await ingress.signal(SHOP, "visit-1", late)).toMatchObject(ignored);
    expect(await ingress.signal(SHOP, "visit-1", late)).toMatchObject({ ...ignored, duplicate: true });
    expect((await typesOf(bench)).filter((type) => type === "SignalIgnored")).toHaveLength(1);
    expect(await door.signals(proof, 0)).toEqual({ go: false, because: "settled", signals: [] });
  });

  it("names what is wrong, field by field, and tells nobody", async () => {
    const { bench, ingress } = await started();
    const send = (body: unknown) => ingress.signal(SHOP, "visit-1", body);
    const fields = async (body: unknown) => {
      const error: unknown = await send(body).catch((thrown: unknown) => thrown);
      const { code, problems } = error as { code: string; problems: { field: string; repair: string }[] };
      expect(problems.every(({ repair }) => repair !== "")).toBe(true);
      return [code, ...problems.map(({ field }) => field)];
    };
    expect(await fields({ to: "listener" })).toEqual(["input.malformed", "name"]);
    expect(await fields({ to: "", name: "enough", step: 1 })).toEqual(["input.malformed", "to", "step"]);
    expect(await fields({ to: "listener", name: "cheaper" })).toEqual(["signal.undeclared", "name"]);
    expect(await fields({ to: "listener", name: "typed", data: { text: 7 } })).toEqual([
      "input.schema",
      "data.text",
    ]);
    const data = { text: "x".repeat(MAX_SIGNAL_BYTES) };
    expect(await fields({ to: "listener", name: "typed", data })).toEqual(["input.too-large", "data"]);
    expect(await commitsOf(bench)).toHaveLength(1);
  });
});

describe("the door's answer to a question for signals", () => {
  it("needs the token of the attempt, and the number of the last one", async () => {
    const { door, proof } = await started();
    const forged = { ...proof, token: "A".repeat(43) };
    await expect(door.signals(forged, 0)).rejects.toMatchObject({ code: "task.token" });
    for (const after of [-1, 0.5, "1", undefined])
      await expect(door.signals(proof, after)).rejects.toMatchObject({
        code: "answer.malformed",
        problems: [{ field: "after" }],
      });
  });
});

describe("POST /sessions/{session}/signals", () => {
  const post = async (body: unknown, caller: KnownCaller, session = "visit-1") => {
    const { bench } = await started();
    return createHttpIngress(bench.engine)({
      method: "POST",
      path: `/sessions/${session}/signals`,
      query: {},
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      caller,
    } as never);
  };

  it("takes a signal from whoever may send events", async () => {
    const { status, body } = await post({ id: "s1", to: "listener", name: "enough" }, SHOP);
    expect(status).toBe(202);
    expect(JSON.parse(body)).toMatchObject({ session: "visit-1", id: "s1", disposition: "signalled" });
    const ignored = await post({ to: "plan/7", name: "enough" }, SHOP);
    expect(JSON.parse(ignored.body)).toMatchObject({
      disposition: "ignored",
      reason: "no task is under way there",
    });
  });

  it("refuses whoever may not, names nobody declares, and sessions that nobody knows", async () => {
    const others = RIGHTS.filter((right) => right !== "send");
    const given = { to: "listener", name: "enough" };
    expect((await post(given, { ...SHOP, rights: others })).status).toBe(403);
    expect((await post({ ...given, name: "cheaper" }, SHOP)).status).toBe(422);
    expect((await post(given, SHOP, "visit-2")).status).toBe(404);
  });
});
