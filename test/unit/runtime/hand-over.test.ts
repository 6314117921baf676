import { describe, expect, it } from "vitest";
import { fallback, human, map, parallel, reply, sequence, step } from "#core/flow/build.ts";
import type { PlanNode } from "#core/flow/plan.ts";
import { verifyReplay } from "#core/session/replay.ts";
import { createDoor } from "#runtime/doors/create-door.ts";
import {
  answerOf,
  commitsOf,
  contractOf,
  createBench,
  eventInput,
  failure,
  flowOf,
  lastSent,
  ok,
  proofOf,
  tell,
  type Bench,
  type BenchOptions,
} from "./engine.ts";
import { relayOn } from "./relay/bench.ts";

const crew = (name: string, rest: Parameters<typeof contractOf>[1] = {}) =>
  contractOf(name, { group: "crew", timeoutMs: 10_000, ...rest });
const a = crew("a");
const b = crew("b");
const PATIENT = { nextWithinMs: 30_000 };

/** A bench whose first task, of `a`, was just dispatched. */
async function working(plan: PlanNode = sequence(step(a), step(b)), options: BenchOptions = {}) {
  const bench = createBench({ agents: [a, b], flows: [flowOf(plan)], ...options });
  await tell(bench, [eventInput("1")]);
  return { bench, door: createDoor(bench.engine), first: lastSent(bench) };
}

const agentsSent = ({ sent }: Bench): readonly string[] => sent.map(({ agent }) => agent);

describe("an answer of a host that can go on", () => {
  it("is answered with the next task of the group, which no queue gets", async () => {
    const { bench, door, first } = await working();
    const { next, ...result } = await door.answer({ ...answerOf(first, ok("done")), ...PATIENT });
    expect(result).toEqual({ type: "recorded" });
    expect(next).toMatchObject({ agent: "b", attempt: 1, handedBy: `${first.task}/1`, view: { input: {} } });
    expect(agentsSent(bench)).toEqual(["a"]);
    // Its token is as good as one that came by the queue.
    expect(await door.answer(answerOf(next ?? first, ok("too")))).toEqual({ type: "recorded" });
    expect(verifyReplay(await commitsOf(bench), bench.engine.application)).toBeUndefined();
  });

  it("hands over a fallback too", async () => {
    const plan = step(a, { fallback: [fallback.agent(b)] });
    const { bench, door, first } = await working(plan);
    const { next } = await door.answer({ ...answerOf(first, failure(false)), ...PATIENT });
    expect(next?.agent).toBe("b");
    expect(agentsSent(bench)).toEqual(["a"]);
  });

  it("hands over one branch of a fork; the others take their queues", async () => {
    const c = crew("c");
    const plan = sequence(step(a), parallel({ branches: { one: step(b), other: step(c) } }));
    const { bench, door, first } = await working(plan, { agents: [a, b, c], flows: [flowOf(plan)] });
    const { next } = await door.answer({ ...answerOf(first, ok(1)), ...PATIENT });
    expect(next?.agent).toBe("b");
    expect(agentsSent(bench)).toEqual(["a", "c"]);
  });

  const alone = contractOf("b", { timeoutMs: 10_000 });
  const other = contractOf("b", { timeoutMs: 10_000, group: "others" });
  it.each<[string, { readonly b?: typeof b; readonly plan?: PlanNode; readonly nextWithinMs?: number }]>([
    ["of no group", { b: alone }],
    ["of another group", { b: other }],
    ["that takes longer than its invocation has", { nextWithinMs: 9_999 }],
    [
      "that a person does",
      { plan: sequence(step(a), human({ ask: "Well?", into: "said", timeoutMs: 1_000 })) },
    ],
    [
      "of a map, whose answers take the queue",
      {
        plan: sequence(step(a), map({ over: "[1, 2]", each: step(b) })),
      },
    ],
  ])(
    "is handed nothing %s",
    async (_, { b: next = b, plan = sequence(step(a), step(next)), nextWithinMs = 30_000 }) => {
      const { door, first } = await working(plan, { agents: [a, next], flows: [flowOf(plan)] });
      const result = await door.answer({ ...answerOf(first, ok("done")), nextWithinMs });
      expect(result).toEqual({ type: "recorded" });
    },
  );

  it("is handed nothing while the next agent's breaker is open or half open", async () => {
    for (const state of ["open", "probe"] as const) {
      const { door, first } = await working(undefined, {
        ports: ({ health }) => ({
          health: { ...health, breakerStates: () => Promise.resolve({ b: state }) },
        }),
      });
      expect(await door.answer({ ...answerOf(first, ok("done")), ...PATIENT })).toEqual({ type: "recorded" });
    }
  });

  it("that does not say so is handed nothing", async () => {
    const { bench, door, first } = await working();
    expect(await door.answer(answerOf(first, ok("done")))).toEqual({ type: "recorded" });
    expect(agentsSent(bench)).toEqual(["a", "b"]);
  });
});

describe("a task that was handed over", () => {
  const handed = async () => {
    const { bench, door, first } = await working(sequence(step(a), step(b), reply("'done'")));
    const answer = { ...answerOf(first, ok("done")), ...PATIENT };
    const { next } = await door.answer(answer);
    if (next === undefined) throw new Error("Nothing was handed over.");
    return { bench, door, first, answer, next };
  };

  it("is handed over again to an answer that comes again, and to the first message that comes again", async () => {
    const { door, first, answer, next } = await handed();
    expect(await door.answer(answer)).toEqual({ type: "settled", next });
    expect(await door.look(proofOf(first))).toEqual({ go: false, because: "settled", next });
  });

  it("is handed over to nobody once its host was heard of, or it is answered", async () => {
    const { door, first, answer, next } = await handed();
    expect(await door.beat(proofOf(next))).toEqual({ go: true });
    expect(await door.answer(answer)).toEqual({ type: "settled" });
    await door.answer(answerOf(next, ok("too")));
    expect(await door.look(proofOf(first))).toEqual({ go: false, because: "settled" });
  });

  it("is sent to its queue by the relay once it should have begun", async () => {
    const { bench, next } = await handed();
    const { relay } = relayOn(bench);
    const [left] = await relay(bench.records);
    expect(left?.left).toEqual(["hand-over"]);
    expect(agentsSent(bench)).toEqual(["a"]);
    bench.clock.advanceTo(bench.clock.now() + 2_000);
    expect(await relay(left === undefined ? [] : [left])).toEqual([]);
    expect(lastSent(bench)).toEqual(next);
  });

  it("is sent to no queue when it was answered or has begun by then", async () => {
    const { bench, door, next } = await handed();
    const { relay } = relayOn(bench);
    const [left] = await relay(bench.records);
    await door.beat(proofOf(next));
    bench.clock.advanceTo(bench.clock.now() + 2_000);
    expect(await relay(left === undefined ? [] : [left])).toEqual([]);
    await door.answer(answerOf(next, ok("too")));
    expect(await relay(bench.records)).toEqual([]);
    expect(agentsSent(bench)).toEqual(["a"]);
  });
});
