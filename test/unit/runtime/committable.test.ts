import * as z from "zod";
import { describe, expect, it } from "vitest";
import { defineAgent } from "#core/contract.ts";
import { defineFlow, emit, map, parallel, reply, sequence, step, transform } from "#core/flow/build.ts";
import type { FlowDefinition, PlanNode } from "#core/flow/plan.ts";
import type { Limits } from "#core/session/limits.ts";
import type { Json } from "#core/json.ts";
import { inProcessSpine } from "#testing/in-process/in-process-spine.ts";

const bulk = (bytes: number): string => "x".repeat(bytes);
const flowOf = (plan: PlanNode, rest: Partial<FlowDefinition> = {}): FlowDefinition =>
  defineFlow({ name: "visit", on: "Asked", plan, ...rest });

const contract = (name: string, effect: "none" | "once" = "none") =>
  defineAgent({ name, reads: ["input"], output: z.unknown(), effect, retries: { max: 0, backoffMs: 0 } });
const long = contract("long");
const booking = contract("booking", "once");
const first = defineAgent({ name: "first", reads: ["item"], output: z.unknown() });
const second = defineAgent({ name: "second", reads: ["first"], output: z.unknown() });

/** A spine whose agents answer with a text as long as the input says, or with what they are given. */
function spineOf(...flows: readonly FlowDefinition[]) {
  return spineWith({}, ...flows);
}

function spineWith(limits: Partial<Limits>, ...flows: readonly FlowDefinition[]) {
  const troubles: string[] = [];
  const large = ({ context }: { readonly context: { readonly input?: { readonly bytes?: number } } }) =>
    bulk(context.input?.bytes ?? 0);
  const spine = inProcessSpine({
    flows,
    limits,
    agents: [
      long.implement(large),
      booking.implement(large),
      first.implement(({ context }) => context),
      second.implement(() => "done"),
    ],
    onTrouble: (error) => void troubles.push(String(error)),
  });
  return { spine, troubles };
}

const items = (count: number, bytes = 1): readonly Json[] =>
  Array.from({ length: count }, (_, n) => `${n}${bulk(bytes)}`);

describe("the spine can commit what it accepted:", () => {
  it.each([150_000, 199_990])("a result of %i bytes that is also the reply", async (bytes) => {
    const { spine } = spineOf(flowOf(step(long)));
    expect(await spine.ask("Asked", { bytes })).toBe(bulk(bytes));
    await spine.close();
  });

  it("ten results of 199,990 bytes from an effect, whose agent stays in service", async () => {
    const { spine, troubles } = spineOf(flowOf(step(booking)));
    for (let n = 0; n < 12; n += 1)
      expect(await spine.ask("Asked", { bytes: 199_990 }, { session: `s${n}` })).toBe(bulk(199_990));
    expect(await spine.engine.health.breakerStates()).toEqual({});
    expect(troubles).toEqual([]);
    await spine.close();
  });

  it.each<[string, PlanNode, Json]>([
    ["its whole", reply("input"), bulk(250_000)],
    ["a copy in the context", transform({ copy: "input" }), bulk(250_000)],
    [
      "several copies",
      sequence(transform({ a: "input", b: "input" }), transform({ c: "[input]" }), reply("c[0]")),
      bulk(200_000),
    ],
    [
      "copies in each other",
      sequence(transform({ a: "[input, input]" }), reply("{'all': [a, input]}")),
      bulk(200_000),
    ],
  ])("an input that is answered with %s", async (_what, plan, input) => {
    const { spine } = spineOf(flowOf(plan));
    const answer = await spine.ask("Asked", input, { session: "s" });
    expect(JSON.stringify(answer).length).toBeGreaterThanOrEqual(plan.kind === "transform" ? 4 : 200_000);
    await spine.idle();
    expect((await spine.reader.current(spine.key("s"))).runs).toEqual({});
    await spine.close();
  });

  it("an input that is emitted repeatedly", async () => {
    const { spine } = spineOf(
      flowOf(sequence(emit("Next", "input"), emit("Next", "input"), reply("'emitted'"))),
      defineFlow({ name: "next", on: "Next", onBusy: "parallel", plan: transform({ copy: "input" }) }),
    );
    expect(await spine.ask("Asked", bulk(200_000), { session: "s" })).toBe("emitted");
    await spine.idle();
    const state = await spine.reader.current(spine.key("s"));
    expect(state.runs).toEqual({});
    expect(state.context["copy"]).toBe(bulk(200_000));
    await spine.close();
  });

  it("a map over 205 kB of items, each of which is a view", async () => {
    const each = sequence(step(first), step(second));
    const { spine } = spineOf(
      flowOf(sequence(map({ over: "input", each, maxItems: 1_000 }), reply("size(first)"))),
    );
    expect(await spine.ask("Asked", items(40, 5_125))).toBe(40);
    await spine.close();
  });

  it("400 items at once", { timeout: 60_000 }, async () => {
    const each = map({ over: "input", each: step(first), maxItems: 1_000, maxConcurrent: 1_000 });
    const { spine } = spineOf(flowOf(sequence(each, reply("size(first)"))));
    expect(await spine.ask("Asked", items(400), { session: "s" })).toBe(400);
    await spine.close();
  });

  it("the maximum number of items, repeatedly, beside all other paths", async () => {
    const plan = sequence(map({ over: "input", each: step(first), maxItems: 100 }), reply("size(first)"));
    const { spine } = spineWith({ contextPaths: 80 }, flowOf(plan));
    for (let n = 0; n < 3; n += 1) expect(await spine.ask("Asked", items(100), { session: "s" })).toBe(100);
    await spine.close();
  });

  it("more items than a chain of causes may have hops, and their consequences", async () => {
    const { spine } = spineWith(
      { hops: 10 },
      flowOf(sequence(map({ over: "input", each: step(first), maxItems: 100 }), emit("Next", "size(first)"))),
      defineFlow({ name: "next", on: "Next", plan: sequence(step(long), transform({ counted: "input" })) }),
    );
    await spine.ask("Asked", items(50), { session: "s" });
    await spine.idle();
    expect((await spine.reader.current(spine.key("s"))).context["counted"]).toBe(50);
    await spine.close();
  });

  it("a branch that continues after its join is decided, where the decision had stopped before it", async () => {
    const plan = sequence(
      reply("'answered'"),
      parallel({
        branches: {
          quick: transform({ quick: "1" }),
          wide: sequence(transform({ copy: "input" }), step(long)),
        },
        join: { type: "any" },
        losers: "finish",
      }),
    );
    const { spine } = spineOf(flowOf(plan));
    const input = { text: bulk(200_000), bytes: 3 };
    expect(await spine.ask("Asked", input, { session: "s" })).toBe("answered");
    await spine.idle();
    const { context, runs } = await spine.reader.current(spine.key("s"));
    expect(runs).toEqual({});
    expect(context).toMatchObject({ quick: 1, copy: input, long: "xxx" });
    await spine.close();
  });

  it("a fork whose branches all read 45 kB", async () => {
    const contracts = Array.from({ length: 40 }, (_, n) => contract(`agent-${n}`));
    const branches = Object.fromEntries(contracts.map((one, n) => [`b${n}`, step(one)]));
    const agents = contracts.map((one) => one.implement(() => 1));
    const spine = inProcessSpine({
      flows: [flowOf(sequence(parallel({ branches }), reply("'all'")))],
      agents,
    });
    expect(await spine.ask("Asked", bulk(45_000), { session: "s" })).toBe("all");
    const commits = await spine.reader.allCommits(spine.key("s"));
    for (const commit of commits) expect(JSON.stringify(commit).length).toBeLessThan(600_000);
    await spine.close();
  });
});

describe("a result too large for the context", () => {
  const filled = (last: PlanNode) => flowOf(sequence(transform({ copy: "input.text" }), last));

  it("fails its run with that reason, and does not count as the agent's failure", async () => {
    const { spine } = spineWith({ contextBytes: 150_000 }, filled(step(long)));
    for (let n = 0; n < 12; n += 1) {
      const asked = spine.ask("Asked", { text: "", bytes: 190_000 }, { session: `s${n}` });
      await expect(asked).rejects.toMatchObject({ code: "context.too-large" });
    }
    expect(await spine.engine.health.breakerStates()).toEqual({});
    const events = await spine.reader.events(spine.key("s0"));
    expect(events.map(({ type }) => type)).toContain("AnswerUnusable");
    expect(events.find(({ type }) => type === "AttemptFailed")).toBeUndefined();
    // Nothing is lost: what was answered stands in the log.
    expect(events.find(({ type }) => type === "AnswerUnusable")).toMatchObject({
      data: { result: bulk(190_000), error: { code: "context.too-large" } },
    });
    await spine.close();
  });

  it("leaves no effect in doubt: the session knows from the answer that it happened", async () => {
    const { spine } = spineWith({ contextBytes: 150_000 }, filled(step(booking)));
    const asked = spine.ask("Asked", { text: "", bytes: 190_000 }, { session: "s" });
    await expect(asked).rejects.toMatchObject({ code: "context.too-large" });
    await spine.idle();
    const types = (await spine.reader.events(spine.key("s"))).map(({ type }) => type);
    expect(types).toContain("EffectClaimed");
    expect(types).not.toContain("EffectInDoubt");
    const { runs, tasks, context } = await spine.reader.current(spine.key("s"));
    expect({ runs, tasks, booking: context["booking"] }).toEqual({ runs: {}, tasks: {}, booking: null });
    await spine.close();
  });
});
