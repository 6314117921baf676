import { describe, expect, it } from "vitest";
import { human, reply, sequence, waitFor } from "#core/flow/build.ts";
import type { PlanNode } from "#core/flow/plan.ts";
import type { TenantId } from "#core/ids.ts";
import type { Json } from "#core/json.ts";
import { RIGHTS } from "#core/rights.ts";
import { createMovableClock } from "#memory/movable-clock.ts";
import { createHttpIngress } from "#runtime/doors/create-http-ingress.ts";
import { inProcessSpine, type InProcessSpine, type InProcessSpineOptions } from "#testing/index.ts";
import { told } from "../../../scripts/spine/commands/send.ts";
import { inProcessClient } from "../../support/in-process-client.ts";
import { flowOf } from "./engine.ts";

const spineOf = (plan: PlanNode, options: Partial<InProcessSpineOptions> = {}) =>
  inProcessSpine({
    flows: [flowOf(plan, { onBusy: "reject" })],
    agents: [],
    clock: createMovableClock(Date.UTC(2030, 0, 1)),
    ...options,
  });

/** What HTTP answers to an event whose sender waits a minute. The clock stands: nobody is held. */
async function post(spine: InProcessSpine, type: string, more: Readonly<Record<string, Json>> = {}) {
  const { status, body } = await createHttpIngress(spine.engine)({
    method: "POST",
    path: "/sessions/s1/events",
    query: {},
    headers: { "content-type": "application/json", prefer: "wait=60", host: "127.0.0.1:8787" },
    body: JSON.stringify({ type, ...more }),
    caller: { tenant: "local" as TenantId, source: "test", rights: RIGHTS },
  });
  return { status, ...(JSON.parse(body) as Readonly<Record<string, unknown>>) };
}

const plan = sequence(waitFor("Paid"), human({ ask: "Well?" }), waitFor("Shipped"));

describe("a caller that sends an event and waits", () => {
  it("learns the disposition at once when no run will reply", async () => {
    const spine = spineOf(sequence(waitFor("Paid", { if: "event == 1" }), waitFor("Shipped")));
    const unwaited = createHttpIngress(spine.engine)({
      method: "POST",
      path: "/sessions/s1/events",
      query: {},
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ type: "Asked" }),
      caller: { tenant: "local" as TenantId, source: "test", rights: RIGHTS },
    });
    expect(JSON.parse((await unwaited).body)).toMatchObject({ sequence: 1, disposition: "triggers" });
    expect(await post(spine, "Shipped")).toMatchObject({ status: 202, disposition: "kept" });
    expect(await post(spine, "Paid", { data: 2 })).toMatchObject({ status: 202, disposition: "ignored" });
    expect(await post(spine, "Asked")).toMatchObject({ status: 409 });
    expect(await post(spine, "Paid", { data: 1 })).toMatchObject({ status: 202, disposition: "awaited" });
    await spine.close();
  });

  it("learns the same when it sends the event again", async () => {
    const spine = spineOf(plan);
    await spine.send("Asked", 1, { session: "s1" });
    const first = await post(spine, "Shipped", { id: "e1" });
    expect(first).toMatchObject({ disposition: "kept" });
    expect(await post(spine, "Shipped", { id: "e1" })).toEqual(first);
    await spine.close();
  });

  it("gets the question to a person, with the command that answers it", async () => {
    const spine = spineOf(sequence(human({ ask: "Well?" }), reply("human")));
    const asked = await post(spine, "Asked", { id: "e1" });
    const [event] = (await spine.reader.events(spine.key("s1"))).filter(({ type }) => type === "HumanAsked");
    const ask = event?.type === "HumanAsked" ? event.data.ask : "";
    const answerAt = `/sessions/s1/asks/${ask}`;
    expect(asked).toMatchObject({
      status: 202,
      asks: [
        { ask, question: "Well?", answerAt, curl: expect.stringContaining(`8787${answerAt}'`) as string },
      ],
    });
    expect(await post(spine, "Asked", { id: "e1" })).toEqual(asked);
    await spine.ingress.answerHuman({ tenant: "local" as TenantId, source: "test" }, "s1", ask, {
      value: "yes",
    });
    expect(await post(spine, "Asked", { id: "e1" })).toMatchObject({ status: 200, reply: { body: "yes" } });
    await spine.close();
  });

  it("gets the next question after answering one", async () => {
    const spine = spineOf(sequence(human({ ask: "Well?" }), human({ ask: "Sure?", into: "sure" })));
    const client = inProcessClient(spine, "test");
    const first = await client.send("s1", { id: "e1", type: "Asked" }, 60_000);
    const second = await client.answer("s1", first.asks?.[0]?.ask ?? "", { id: "a1", value: 1 }, 60_000);
    expect(second.asks).toMatchObject([{ question: "Sure?" }]);
    await spine.close();
  });

  it("waits for a numbered event whose turn has not come, and learns when nothing takes it then", async () => {
    const clock = createMovableClock(Date.UTC(2030, 0, 1));
    const spine = spineOf(plan, { clock });
    await spine.send("Asked", 1, { session: "s1" });
    const late = post(spine, "Paid", { ordinal: 2 });
    await clock.runBy(100);
    await post(spine, "Paid", { ordinal: 1 });
    await clock.runBy(1_000);
    expect(await late).toMatchObject({ status: 202, disposition: "ignored" });
    await spine.close();
  });

  it("is rejected when a run keeps as many events as it may, even when it asks again", async () => {
    const spine = spineOf(plan);
    await spine.send("Asked", 1, { session: "s1" });
    for (let n = 0; n < 16; n += 1) await spine.send("Shipped", n, { session: "s1" });
    const refused = await post(spine, "Shipped", { id: "e17" });
    expect(refused).toMatchObject({
      status: 409,
      detail: expect.stringMatching(/16 events are kept for it already. Send it again when a step/) as string,
    });
    expect(await post(spine, "Shipped", { id: "e17" })).toEqual(refused);
    await spine.close();
  });
});

describe("on the bus", () => {
  it("an event beyond what a run may keep becomes a dead letter", async () => {
    const trouble: string[] = [];
    const spine = spineOf(plan, { onTrouble: (error) => void trouble.push(String(error)) });
    await spine.send("Asked", 1, { session: "s1" });
    for (let n = 0; n < 17; n += 1) await spine.put("Shipped", n, { session: "s1" });
    await spine.idle();
    expect(trouble.filter((text) => text.includes("a letter of intake is nobody's"))).toHaveLength(1);
    expect(trouble.join("\n")).toContain("16 events are kept for it already");
    await spine.close();
  });
});

describe("in process", () => {
  it("`send` returns an event's disposition, and `ask` fails at once when there will be no reply", async () => {
    const spine = spineOf(plan);
    await spine.send("Asked", 1, { session: "s1" });
    expect(await spine.send("Shipped", 1, { session: "s1" })).toMatchObject({ disposition: "kept" });
    await expect(spine.ask("Shipped", 1, { session: "s1" })).rejects.toMatchObject({ code: "reply.none" });
    await expect(spineOf(human({ ask: "Well?" })).ask("Asked", 1)).rejects.toThrow(
      /asks a person: "Well\?" \(ask /,
    );
    await spine.close();
  });
});

describe("the command `send`", () => {
  it.each([
    ["awaited", /A step was waiting for it/],
    ["kept", /No step waits for it yet; it is kept/],
    ["ignored", /It is ignored: .* Why: npm run spine -- explain s1 4/],
    ["triggers", /Its reply will be in the log: npm run spine -- tail s1/],
    [undefined, /Its reply will be in the log/],
  ])("reports the disposition of an event that is %s", (disposition, text) => {
    const taken = { session: "s1", id: "e1", sequence: 4, ...(disposition !== undefined && { disposition }) };
    expect(told(taken)).toMatch(text);
  });

  it("prints the command that answers the first question", () => {
    const asks = [{ ask: "q-7", question: "Well?", dueAt: 0 }];
    expect(told({ session: "s1", id: "e1", sequence: 4, disposition: "triggers", asks })).toBe(
      "Accepted as event 4 of s1. A person is asked before the reply:\n\nq-7  until 1970-01-01T00:00:00.000Z  Well?\n  npm run spine -- answer s1 q-7 VALUE",
    );
  });
});
