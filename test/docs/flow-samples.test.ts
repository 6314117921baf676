import { afterEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { answered, defineAgent, type Agent, type Contract } from "#core/contract.ts";
import { SpineError } from "#core/errors.ts";
import {
  choice,
  defineFlow,
  fallback,
  human,
  map,
  parallel,
  reply,
  sequence,
  step,
  transform,
  waitFor,
} from "#core/flow/build.ts";
import type { FlowDefinition, PlanNode } from "#core/flow/plan.ts";
import type { Json, JsonObject } from "#core/json.ts";
import { createMovableClock, inProcessSpine, type InProcessSpine } from "#testing/index.ts";
import {
  careful,
  check,
  checking,
  prices,
  quick,
  quoting,
  stock,
  surest,
} from "../../docs/examples/flows.ts";

/** What an agent gives; `undefined` is that it fails. */
type Given = (context: JsonObject) => unknown;

/** The one session of these tests, on a clock of its own. */
function talk(flow: FlowDefinition, agents: readonly (readonly [unknown, Given])[]) {
  const clock = createMovableClock(0);
  const own = agents.map(([contract, give]): Agent =>
    // Each contract has types of its own, which do not matter here.
    (contract as Contract).implement(({ context }) => {
      const given = give(context as JsonObject);
      if (given === undefined) throw new SpineError("agent.failed", "It is down.");
      return given;
    }),
  );
  const spine = inProcessSpine({ clock, flows: [flow], agents: own });
  open.push(spine);
  const replies = async (): Promise<readonly Json[]> =>
    (await spine.reader.events(spine.key("s"))).flatMap((event) =>
      event.type === "ReplySent" ? [event.data.body] : [],
    );
  return {
    /** Sends an event, lets `ms` pass, and gives the newest reply. */
    async send(type: string, data: JsonObject = {}, ms = 60_000): Promise<Json | undefined> {
      await spine.send(type, data, { session: "s" });
      await clock.runBy(ms);
      await spine.idle();
      return (await replies()).at(-1);
    },
    async person(value: Json): Promise<Json | undefined> {
      const asked = (await spine.reader.events(spine.key("s"))).findLast(({ type }) => type === "HumanAsked");
      if (asked?.type !== "HumanAsked") throw new Error("Nobody was asked.");
      const caller = { tenant: spine.key("s").tenant, source: "person" };
      await spine.ingress.answerHuman(caller, "s", asked.data.ask, { value });
      await spine.idle();
      return (await replies()).at(-1);
    },
  };
}

const open: InProcessSpine[] = [];
afterEach(async () => {
  for (const spine of open.splice(0)) await spine.close();
});

const agents = new Map<string, Contract>();
/** An agent that is tried once, the same for the same name. */
function agent(name: string, reads: readonly string[] = ["input"]): Contract {
  const known =
    agents.get(name) ?? defineAgent({ name, reads, output: z.unknown(), retries: { max: 0, backoffMs: 0 } });
  agents.set(name, known);
  return known;
}
const flow = (plan: PlanNode) => defineFlow({ name: "own", on: "Asked", plan });

describe("the samples of docs/flows.md stand on their own values", () => {
  it("checking: an empty list works, in a fresh session and after longer ones", async () => {
    const good: Given = ({ item }) => ({ ok: (item as JsonObject)["value"] === "good" });
    expect(await talk(checking, [[check, good]]).send("ListSent", { lines: [] })).toEqual({ fine: 0 });
    const session = talk(checking, [[check, good]]);
    for (const [lines, fine] of [
      [["good", "good", "bad"], 2],
      [["bad"], 0],
      [[], 0],
    ] as const)
      expect(await session.send("ListSent", { lines })).toEqual({ fine });
  });

  it("quoting: the stock for an earlier question is not used when the agent fails", async () => {
    let left: number | undefined = 3;
    const session = talk(quoting, [
      [prices, () => ({ total: 40 })],
      [stock, () => (left === undefined ? undefined : { left })],
    ]);
    expect(await session.send("QuoteAsked", { pieces: 2 })).toEqual({ total: 40, inStock: true });
    left = undefined;
    expect(await session.send("QuoteAsked", { pieces: 2 })).toEqual({ total: 40, inStock: false });
  });

  it("quoting: the last known price is the one for an earlier question", async () => {
    let total: number | undefined = 40;
    const session = talk(quoting, [
      [prices, () => (total === undefined ? undefined : { total })],
      [stock, () => ({ left: 1 })],
    ]);
    await session.send("QuoteAsked", { pieces: 2 });
    total = undefined;
    expect(await session.send("QuoteAsked", { pieces: 2 })).toEqual({ total: 40, inStock: true });
  });

  it("surest: the branch that answered is chosen, whatever its confidence and earlier answers", async () => {
    let careless = true;
    const session = talk(surest, [
      [quick, () => ({ text: "probably" })],
      [careful, () => (careless ? undefined : answered({ result: { text: "certainly" }, confidence: 0.9 }))],
    ]);
    const quicks = { branch: "quick", confidence: 0, value: { text: "probably" } };
    expect(await session.send("OpinionAsked")).toEqual(quicks);
    careless = false;
    expect(await session.send("OpinionAsked")).toMatchObject({ branch: "careful" });
    careless = true;
    expect(await session.send("OpinionAsked")).toEqual(quicks);
  });
});

describe("a run stands on its own values", () => {
  it("when nobody consented this time", async () => {
    const session = talk(
      flow(
        sequence(
          human({ ask: "Spend it?", into: "consent", timeoutMs: 10_000, onTimeout: "continue" }),
          reply(`has(consent.yes) && consent.yes ? "spent" : "kept"`),
        ),
      ),
      [],
    );
    await session.send("Asked", { amount: 5 }, 1_000);
    expect(await session.person({ yes: true })).toBe("spent");
    expect(await session.send("Asked", { amount: 1_000_000 })).toBe("kept");
  });

  it("when nothing was paid this time", async () => {
    const session = talk(
      flow(
        sequence(
          waitFor("Paid", { into: "coins", timeoutMs: 10_000, onTimeout: "continue" }),
          reply(`has(coins.n) ? "ships" : "waits"`),
        ),
      ),
      [],
    );
    await session.send("Asked", {}, 1_000);
    expect(await session.send("Paid", { n: 7 })).toBe("ships");
    expect(await session.send("Asked")).toBe("waits");
  });

  it("when a join continued without a branch", async () => {
    const slow = agent("slow");
    let isHere = true;
    const session = talk(
      flow(
        sequence(
          parallel({
            branches: { a: step(agent("a")), slow: step(slow, { fallback: fallback.human({ ask: "?" }) }) },
            timeoutMs: 5_000,
            onTimeout: "partial",
          }),
          reply(`{"a": has(a), "slow": has(slow)}`),
        ),
      ),
      [
        [agent("a"), () => 1],
        [slow, () => (isHere ? 1 : undefined)],
      ],
    );
    expect(await session.send("Asked")).toEqual({ a: true, slow: true });
    isHere = false;
    expect(await session.send("Asked")).toEqual({ a: true, slow: false });
  });

  it("when an arm was not taken", async () => {
    const session = talk(
      flow(
        sequence(
          choice({ when: [{ if: "input.deep", then: step(agent("deep")) }], otherwise: step(agent("flat")) }),
          reply(`{"deep": has(deep), "flat": has(flat)}`),
        ),
      ),
      [
        [agent("deep"), () => 1],
        [agent("flat"), () => 1],
      ],
    );
    expect(await session.send("Asked", { deep: true })).toEqual({ deep: true, flat: false });
    expect(await session.send("Asked", { deep: false })).toEqual({ deep: false, flat: true });
  });

  it("and knows no confidence of a skipped agent", async () => {
    let isSure = true;
    const session = talk(
      flow(
        sequence(
          step(agent("x"), { fallback: fallback.skip() }),
          reply(`has(confidence.x) ? confidence.x : -1.0`),
        ),
      ),
      [[agent("x"), () => (isSure ? answered({ result: 1, confidence: 0.9 }) : undefined)]],
    );
    expect(await session.send("Asked")).toBe(0.9);
    isSure = false;
    expect(await session.send("Asked")).toBe(-1);
  });

  it("and chooses the best without a cleared value", async () => {
    let isWise = true;
    const [wise, plain] = [agent("wise"), agent("plain")];
    const skip = { fallback: fallback.skip() };
    const session = talk(
      flow(
        sequence(
          transform({ wise: "null" }),
          parallel({
            branches: { wise: step(wise, skip), plain: step(plain, skip) },
            join: { type: "best", into: "chosen" },
          }),
          reply("chosen.branch"),
        ),
      ),
      [
        [wise, () => (isWise ? answered({ result: "yes", confidence: 1 }) : undefined)],
        [plain, () => "perhaps"],
      ],
    );
    expect(await session.send("Asked")).toBe("wise");
    isWise = false;
    expect(await session.send("Asked")).toBe("plain");
  });

  it.each([
    ["by its place in the list: nothing is known of another item", undefined, {}, {}],
    ["by a declared key: its own last value is", "item.value", {}, { apple: 3 }],
  ])("in a map whose items are named %s", async (_what, key, television, apple) => {
    const price = agent("price", ["item"]);
    let isUp = true;
    const session = talk(
      flow(
        sequence(
          map({
            over: "input.list",
            each: step(price, { fallback: [fallback.lastKnown(), fallback.skip()] }),
            ...(key !== undefined && { key }),
          }),
          reply("price"),
        ),
      ),
      [[price, () => (isUp ? 3 : undefined)]],
    );
    expect(await session.send("Asked", { list: ["apple"] })).toEqual({
      [key === undefined ? "0" : "apple"]: 3,
    });
    isUp = false;
    expect(await session.send("Asked", { list: key === undefined ? ["television"] : ["apple"] })).toEqual(
      apple,
    );
    expect(await session.send("Asked", { list: ["television"] })).toEqual(television);
  });
});
