import fc from "fast-check";
import * as z from "zod";
import { describe, expect, it } from "vitest";
import { defineAgent } from "#core/contract.ts";
import { defineFlow, emit, map, reply, sequence, step, transform } from "#core/flow/build.ts";
import type { PlanNode } from "#core/flow/plan.ts";
import { MAX_ANSWER_BYTES, MAX_INPUT_BYTES } from "#core/session/limits.ts";
import { inProcessSpine } from "#testing/in-process/in-process-spine.ts";
import { runs } from "../support/runs.ts";

const open = { output: z.unknown(), reads: ["input"], retries: { max: 0, backoffMs: 0 } };
const talker = defineAgent({ name: "talker", ...open });
const doer = defineAgent({ name: "doer", ...open, effect: "once" });
const each = defineAgent({ name: "each", ...open, reads: ["item"] });

/** Steps that copy what a run was given or was answered, each in a way of its own. */
const STEPS: readonly ((n: number) => PlanNode)[] = [
  () => step(talker),
  () => step(doer),
  (n) => transform({ [`copy${n}`]: "input.text" }),
  (n) => transform({ [`built${n}`]: "{'in': {'list': [input.text]}}" }),
  () => emit("Told", "input"),
  () => map({ over: "input.list", each: step(each), maxItems: 1_000, maxConcurrent: 100 }),
];
const REPLIES: readonly (PlanNode | undefined)[] = [undefined, reply("input"), reply("[input, input]")];

const plans = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 0, max: STEPS.length - 1 }), { minLength: 1, maxLength: 4 }),
    fc.constantFrom(...REPLIES),
  )
  .map(([picked, last]) => {
    const steps = picked.flatMap((at, n) => STEPS[at]?.(n) ?? []);
    return sequence(...steps, ...(last === undefined ? [] : [last]));
  });

/** Mostly as large as the edge allows, or just there. */
const bytes = (most: number) =>
  fc.oneof(fc.integer({ min: 0, max: most }), fc.constantFrom(0, Math.floor(most / 2), most));
/** What stands around a text in its event. */
const AROUND = 2_000;

describe("sizes", () => {
  it("that one check accepts are rejected by no later step, while the context can hold them", async () => {
    await fc.assert(
      fc.asyncProperty(
        plans,
        bytes(MAX_INPUT_BYTES - AROUND),
        bytes(MAX_ANSWER_BYTES - 2),
        fc.integer({ min: 0, max: 60 }),
        fc.constantFrom("x", "ä", "水"),
        async (plan, given, answered, items, letter) => {
          const width = new TextEncoder().encode(letter).length;
          const result = letter.repeat(Math.floor(answered / width));
          const spine = inProcessSpine({
            flows: [
              defineFlow({ name: "visit", on: "Asked", plan }),
              defineFlow({ name: "told", on: "Told", onBusy: "parallel", plan: reply("size(input.text)") }),
            ],
            agents: [
              talker.implement(() => result),
              doer.implement(() => result),
              each.implement(({ context }) => context),
            ],
            // The bound of the context is said where something is given or answered; here all the others are tried.
            limits: { contextBytes: 10_000_000 },
          });
          const text = letter.repeat(Math.floor(given / width));
          const list = Array.from({ length: items }, (_, n) => n);
          const session = "s";
          await spine.ask("Asked", { text, list }, { session });
          await spine.idle();
          const state = await spine.reader.current(spine.key(session));
          const types = new Set((await spine.reader.events(spine.key(session))).map(({ type }) => type));
          await spine.close();
          expect(state.runs).toEqual({});
          for (const type of ["RunFailed", "AnswerUnusable", "AttemptFailed", "EffectInDoubt"] as const)
            expect(types).not.toContain(type);
          expect(types).not.toContain("InputQuarantined");
        },
      ),
      { numRuns: runs(25) },
    );
  });
});
