import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Effect } from "#core/contract.ts";
import { parallel, reply, sequence, step } from "#core/flow/build.ts";
import type { Input } from "#core/session/input.ts";
import { createMemorySessionLog } from "#memory/memory-session-log.ts";
import { createAdvanceSession } from "#runtime/session/advance-session.ts";
import type { Engine } from "#runtime/session/engine.ts";
import { createSessionCache } from "#runtime/session/session-cache.ts";
import { contractOf, createBench, eventInput, failure, flowOf, KEY, ok } from "../unit/runtime/engine.ts";

const timeoutMs = 200_000;
const writer = contractOf("writer", { timeoutMs, retries: { max: 1, backoffMs: 1_000 } });
const asker = contractOf("asker", { timeoutMs });
const closer = contractOf("closer", { timeoutMs });
const payer = contractOf("payer", { timeoutMs, effect: Effect.once });
const flow = flowOf(
  sequence(
    parallel({ branches: { a: step(writer), b: step(asker) } }),
    step(payer),
    step(closer),
    reply(`"done"`),
  ),
);

/** What comes to a process: of a task, by how many dispatches ago it was sent. */
type Coming =
  | { readonly what: "event"; readonly id: number; readonly body: number }
  | { readonly what: "answer" | "failure" | "claim"; readonly back: number }
  | { readonly what: "deadline" };
type Step =
  | { readonly process: 0 | 1; readonly coming: readonly Coming[] }
  /** Time passes, ms. */
  | { readonly pass: number };

const back = fc.integer({ min: 0, max: 3 });
const coming: fc.Arbitrary<Coming> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant("event" as const), id: fc.nat(5), body: fc.nat(1) }),
  },
  { weight: 5, arbitrary: fc.record({ what: fc.constant("answer" as const), back }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("failure" as const), back }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant("claim" as const), back }) },
  { weight: 1, arbitrary: fc.constant({ what: "deadline" as const }) },
);
const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        process: fc.constantFrom(0 as const, 1 as const),
        coming: fc.array(coming, { minLength: 1, maxLength: 3 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ pass: fc.integer({ min: 1, max: 400_000 }) }) },
  ),
  { minLength: 3, maxLength: 25 },
);

/** Two processes on one log: what was said to each that came, what was stored, and how often the log was read. */
async function play(plan: readonly Step[], keeps: { readonly soleWriter: boolean } | undefined) {
  const log = createMemorySessionLog();
  let now = 0;
  // However often a process asks in a step: deciding again asks once more.
  const ids = { next: () => `id${now}` };
  const bench = createBench({
    log,
    flows: [flow],
    agents: [writer, asker, payer, closer],
    limits: { idWindow: 2 },
  });
  let reads = 0;
  const start = () => {
    const engine: Engine = {
      ...bench.engine,
      ids,
      log: {
        ...log,
        readings: undefined,
        readTail: (key) => {
          reads += 1;
          return log.readTail(key);
        },
      },
      ...(keeps !== undefined && { cache: createSessionCache({ clock: bench.clock, ...keeps }) }),
    };
    return createAdvanceSession(engine);
  };
  const processes = [start(), start()] as const;
  const inputOf = (one: Coming): readonly Input[] => {
    if (one.what === "event") return [eventInput(`e${one.id}`, { body: one.body })];
    if (one.what === "deadline") return [{ kind: "deadline", at: bench.clock.now() }];
    const message = bench.sent.at(-1 - one.back);
    if (message === undefined) return [];
    const { task, attempt } = message;
    if (one.what === "claim") return [{ kind: "claim", task, attempt, execution: `x${one.back % 2}` }];
    return [
      { kind: "answer", task, attempt, outcome: one.what === "answer" ? ok({ text: "t" }) : failure() },
    ];
  };
  const said: unknown[] = [];
  for (const one of plan) {
    now += 1;
    if ("pass" in one) bench.clock.advanceBy(one.pass);
    else said.push(await processes[one.process](KEY, one.coming.flatMap(inputOf), () => true));
  }
  return { said, stored: bench.records.map(({ commit }) => commit), tasks: bench.sent, reads };
}

describe("a process that keeps the states of its sessions", () => {
  it.each([
    ["where they speak for themselves", { soleWriter: false }],
    ["whatever comes", { soleWriter: true }],
  ])("says, stores and dispatches the same as one that reads each time, %s", async (_when, keeps) => {
    let saved = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        const [{ reads: kept, ...keeping }, { reads, ...reading }] = [
          await play(plan, keeps),
          await play(plan, undefined),
        ];
        expect(keeping).toEqual(reading);
        expect(kept).toBeLessThanOrEqual(reads);
        saved += reads - kept;
      }),
      { numRuns: 150 },
    );
    expect(saved).toBeGreaterThan(0);
  });
});
