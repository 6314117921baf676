import * as z from "zod/mini";
import { describe, expect, it } from "vitest";
import { defineAgent } from "#core/contract.ts";
import { SpineError } from "#core/errors.ts";
import { defineFlow, fallback, step } from "#core/flow/build.ts";
import { createMovableClock } from "#memory/movable-clock.ts";
import { inProcessSpine } from "#testing/in-process/in-process-spine.ts";
import { scripted } from "#testing/agents/scripted-agent.ts";

const START = 1_900_000_000_000;
const contract = defineAgent({
  name: "greeter",
  input: z.object({ input: z.object({ who: z.string() }) }),
  output: z.object({ text: z.string() }),
  timeoutMs: 10_000,
  retries: { max: 2, backoffMs: 1_000 },
});
const HELLO = { text: "Hello Ada" };

/** A spine of one scripted agent, and what its run comes to as the clock moves from timer to timer. */
function stage(script: (agent: ReturnType<typeof agentOf>) => unknown) {
  const agent = agentOf();
  script(agent);
  const clock = createMovableClock(START);
  const plan = step(contract, { fallback: fallback.value({ text: "later" }) });
  const spine = inProcessSpine({
    flows: [defineFlow({ name: "greeting", on: "GreetingAsked", plan })],
    agents: [agent],
    clock,
  });
  const ask = () =>
    clock.runUntil(spine.ask("GreetingAsked", { who: "Ada" }, { session: "s1", waitMs: 3_600_000 }));
  const types = async () => (await spine.reader.events(spine.key("s1"))).map(({ type }) => type);
  return { agent, clock, spine, ask, types };
}
const agentOf = () => scripted(contract);

describe("a scripted agent", () => {
  it("fails as often as it is told, and then answers", async () => {
    const { agent, ask, types } = stage((it) => it.fails(2).answers(HELLO));
    expect(await ask()).toEqual(HELLO);
    expect(agent.calls.map(({ attempt, context }) => [attempt, context.input.who])).toEqual([
      [1, "Ada"],
      [2, "Ada"],
      [3, "Ada"],
    ]);
    expect((await types()).filter((type) => type === "AttemptFailed")).toHaveLength(2);
  });

  it("hangs until its time has run out, without any real time", async () => {
    const { agent, clock, ask, types } = stage((it) => it.hangs(1).answers(HELLO));
    expect(await ask()).toEqual(HELLO);
    expect(clock.now()).toBeGreaterThanOrEqual(START + 10_000);
    expect(agent.calls[0]?.signal).toMatchObject({ aborted: true });
    expect(await types()).toContain("AttemptFailed");
  });

  it("answers after some time, which counts before its deadline and not after it", async () => {
    const inTime = stage((it) => it.answersAfter(9_000, HELLO));
    expect(await inTime.ask()).toEqual(HELLO);
    expect(inTime.clock.now()).toBe(START + 9_000);
    const late = stage((it) => it.answersLate(1, { text: "too late" }).answers(HELLO));
    expect(await late.ask()).toEqual(HELLO);
    expect(late.agent.calls).toHaveLength(2);
  });

  it("dies with its function: nobody hears of it until the deadline, and another attempt answers", async () => {
    const { agent, clock, ask, types } = stage((it) => it.crashes(1).answers(HELLO));
    expect(await ask()).toEqual(HELLO);
    expect(clock.now()).toBeGreaterThan(START + 10_000);
    expect(agent.calls.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(await types()).toContain("AttemptTimedOut");
    expect(await types()).not.toContain("AttemptFailed");
  });

  it("answers what its test makes of the task", async () => {
    const { ask } = stage((it) => it.answers(({ context }) => ({ text: `Dear ${context.input.who}` })));
    expect(await ask()).toEqual({ text: "Dear Ada" });
  });

  it("does what has no number once, and the last of it for ever", async () => {
    const { agent, ask } = stage((it) => it.fails().hangs().answers(HELLO));
    expect(await ask()).toEqual(HELLO);
    expect(await ask()).toEqual(HELLO);
    expect(agent.calls).toHaveLength(4);
  });

  it("fails for good beyond its script, and says so", async () => {
    const { agent, ask, spine } = stage((it) => it.fails(1));
    expect(await ask()).toEqual({ text: "later" });
    expect(agent.calls).toHaveLength(2);
    const events = await spine.reader.events(spine.key("s1"));
    const messages = events.flatMap((event) =>
      event.type === "AttemptFailed" ? [event.data.error.message] : [],
    );
    expect(messages.at(-1)).toBe(
      "greeter is called 2 times, and its script says less. End it with a move that has no number.",
    );
  });

  it("throws the error that it is given", async () => {
    const refused = new SpineError("agent.unavailable", "closed on Sundays");
    const { agent, ask } = stage((it) => it.fails(1, refused).answers(HELLO));
    expect(await ask()).toEqual({ text: "later" });
    expect(agent.calls).toHaveLength(1);
  });

  it("takes whole numbers of times", () => {
    expect(() => agentOf().fails(0)).toThrow("times: 0 is no count.");
  });

  it("tells of an effect in doubt what it is told to", async () => {
    const payment = defineAgent({
      ...{ name: "payment", output: z.object({ paid: z.boolean() }), timeoutMs: 10_000 },
      ...{ effect: "once", onDoubt: "ask" },
    });
    const agent = scripted(payment)
      .crashes(1)
      .resolves({ happened: true, result: { paid: true } });
    const clock = createMovableClock(START);
    const spine = inProcessSpine({
      flows: [defineFlow({ name: "paying", on: "PaymentAsked", plan: step(payment) })],
      agents: [agent],
      clock,
    });
    expect(await clock.runUntil(spine.ask("PaymentAsked", {}, { waitMs: 3_600_000 }))).toEqual({
      paid: true,
    });
    expect(agent.calls).toHaveLength(1);
  });
});
