import fc from "fast-check";
import { expect, it } from "vitest";
import {
  choice,
  fallback,
  human,
  map,
  parallel,
  reply,
  sequence,
  subFlow,
  transform,
  waitFor,
} from "#core/flow/build.ts";
import { defineApplication } from "#core/flow/compile.ts";
import { drawFlow } from "#core/flow/draw.ts";
import { lintFlows } from "#core/flow/lint.ts";
import type { FlowDefinition } from "#core/flow/plan.ts";
import { AGENTS, digest, flow, safe } from "./sample.ts";

const FLOWS = [
  flow(
    sequence(
      safe("a", {
        retries: { max: 1, backoffMs: 5 },
        fallback: [fallback.agent("b"), fallback.value({ x: [1] })],
      }),
      choice({
        when: [{ if: "a.x", then: human({ ask: "Well?" }) }],
        otherwise: transform({ "note.x": "input.x" }),
      }),
      parallel({
        branches: { x: safe("b"), y: subFlow("part") },
        join: { type: "best", into: "best" },
        timeoutMs: 5,
      }),
      map({ over: "input.list", each: safe("c"), maxConcurrent: 2 }),
      reply("{'x': note.x}"),
    ),
    { if: "event.x", onBusy: "restart", timeoutMs: 1_000 },
  ),
  flow(waitFor("Paid", { if: "event.ok", into: "paid" }), { name: "part", on: "PartAsked" }),
];

/** Places of all values inside a value. */
const placesIn = (value: unknown, place: readonly string[] = []): readonly (readonly string[])[] =>
  typeof value === "object" && value !== null
    ? [place, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...place, key]))]
    : [place];

const replaced = (value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown => {
  if (key === undefined) return by;
  const copy: Record<string, unknown> = Array.isArray(value)
    ? ([...value] as never)
    : { ...(value as object) };
  copy[key] = replaced(copy[key], rest, by);
  return copy;
};

const anyValue = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    undefined,
    "__proto__",
    "input",
    "a",
    "part",
    "visit",
    "VisitAsked",
    safe("a"),
    subFlow("visit"),
    [],
    {},
    // No text can be made of it.
    { toString: null },
  ),
);

it("reports or compiles any JSON given as a flow, and never throws anything else", () => {
  const places = placesIn(FLOWS).filter((place) => place.length > 0);
  let refused = 0;
  let compiled = 0;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...places), anyValue), { minLength: 1, maxLength: 2 }),
      (changes) => {
        const [[firstPlace, firstValue], second] = changes as [
          [readonly string[], unknown],
          [readonly string[], unknown]?,
        ];
        const once = replaced(FLOWS, firstPlace, firstValue);
        // A second change is made where the first has left something to change.
        const reachable =
          second !== undefined && placesIn(once).some((place) => place.join() === second[0].join());
        const flows = (reachable ? replaced(once, second[0], second[1]) : once) as readonly FlowDefinition[];
        if (lintFlows(flows, AGENTS).some((finding) => finding.severity === "error")) {
          refused += 1;
          expect(() => defineApplication({ agents: AGENTS, flows }, digest)).toThrow(
            expect.objectContaining({ code: "flow.invalid" }),
          );
          return;
        }
        compiled += 1;
        for (const one of defineApplication({ agents: AGENTS, flows }, digest).flows) {
          expect(one.flow.lifeMs).toBeGreaterThanOrEqual(0);
          expect(one.flow.lifeMs).toBeLessThanOrEqual(365 * 86_400_000);
          expect(drawFlow(one.flow)).toContain(one.flow.name);
        }
      },
    ),
    { numRuns: 2_000 },
  );
  expect(Math.min(refused, compiled)).toBeGreaterThan(50);
});
