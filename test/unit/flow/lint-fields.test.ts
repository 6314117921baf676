import { describe, expect, it } from "vitest";
import * as z from "zod";
import { defineAgent } from "#core/contract.ts";
import { choice, fallback, map, reply, sequence, step, transform, waitFor } from "#core/flow/build.ts";
import { lintFlows } from "#core/flow/lint.ts";
import type { Fallback, FlowDefinition, PlanNode } from "#core/flow/plan.ts";

const mood = defineAgent({
  name: "mood",
  output: z.object({
    mood: z.string(),
    why: z.optional(z.object({ words: z.array(z.string()) })),
    either: z.union([z.object({ a: z.number() }), z.object({ b: z.number() })]),
    by: z.record(z.string(), z.number()),
    at: z.nullable(z.object({ hour: z.number() })),
    anything: z.unknown(),
  }),
});
const open = defineAgent({ name: "open", output: z.unknown() });
const loose = defineAgent({ name: "loose", output: z.looseObject({ a: z.string() }) });
const reader = (path: string) => defineAgent({ name: "reader", reads: [path], output: z.unknown() });

const events = { Asked: z.object({ text: z.string() }), Paid: z.object({ amount: z.number() }) };
const fill = fallback.skip();

function found(plan: PlanNode, rest: Partial<FlowDefinition> = {}, agents = [mood, open, loose]) {
  return lintFlows([{ name: "visit", on: "Asked", plan, ...rest }], agents, { events })
    .filter(({ rule }) => rule === "unknown-field" || rule === "bad-condition")
    .map(({ rule, place, problem, repair }) => `${rule} ${place}: ${problem}. ${repair}`);
}
const reading = (text: string) =>
  found(
    sequence(
      step(mood, { fallback: fill }),
      step(open, { fallback: fill }),
      step(loose, { fallback: fill }),
      reply(text),
    ),
  );

describe("fields that expressions read", () => {
  it.each([
    "mood.mood",
    "has(mood.why) && size(mood.why.words) > 1",
    "mood.either.a",
    "mood.either.b",
    "mood.by.anybody",
    "mood.at.hour",
    "mood.anything.at.all",
    "open.anything",
    "loose.other",
    "confidence.mood",
    "has(before.mood) ? before.mood.mood : null",
    "input.text",
    "session.who",
    "mood.why.words.map(word, {word: mood.mood})",
    '{"mood": mood.mood, mood.mood: 1}',
  ])("are accepted where a schema has them or allows unknown ones: %s", (text) => {
    expect(reading(text)).toEqual([]);
  });

  it.each([
    ["mood.mod", "mood.mod", "It has mood, why, either, by, at, anything."],
    ["has(mood.whi.words)", "mood.whi.words", "It has "],
    ["mood.why.word", "mood.why.word", "It has words."],
    ["mood.mood.text", "mood.mood.text", "Read the value itself."],
    ["mood.either.c", "mood.either.c", "It has a, b."],
    ["before.mood.mod", "before.mood.mod", "It has "],
    ["input.txt", "input.txt", "It has text."],
  ])("are findings where no schema has them: %s", (text, path, repair) => {
    const [finding = "", ...more] = reading(text);
    expect(more).toEqual([]);
    expect(finding).toContain(`unknown-field plan/3/body: reads "${path}"`);
    expect(finding).toContain(repair);
  });

  it("are findings in tasks' inputs, choices, lists and transforms", () => {
    const plan = sequence(
      step(mood, { fallback: fill }),
      step(reader("mood.mod"), { fallback: fill }),
      choice({ when: [{ if: "mood.x > 1", then: reply("1") }], otherwise: reply("2") }),
      map({ over: "mood.list", each: transform({ "out.y": "mood.z" }) }),
    );
    const places = found(plan, {}, [mood, reader("mood.mod")]).map((text) => text.split(":")[0]);
    expect(places).toEqual([
      "unknown-field plan/1",
      "unknown-field plan/2/when/0/if",
      "unknown-field plan/3/over",
      "unknown-field plan/3/each/set/out.y",
    ]);
  });

  it("of an event come from its schema, in triggers and waits", () => {
    const waits = (text: string) => found(waitFor("Paid", { if: text }));
    expect(waits("event.amount > 1")).toEqual([]);
    expect(waits("event.amuont > 1")).toHaveLength(1);
    expect(found(reply("1"), { if: 'event.text == ""' })).toEqual([]);
    expect(found(reply("1"), { if: 'event.amount == ""' })).toHaveLength(1);
  });

  it("may also come from a fallback: another agent, a value, or a person, whose answer is unchecked", () => {
    const filled = (link: Fallback<string>, text: string) =>
      found(sequence(step(mood, { fallback: link }), reply(text)));
    expect(filled(fallback.value({ note: "none" }), "mood.note")).toEqual([]);
    expect(filled(fallback.value({ note: "none" }), "mood.noted")).toHaveLength(1);
    expect(filled(fallback.agent(loose), "mood.whatever")).toEqual([]);
    expect(filled(fallback.human({ ask: "Well?" }), "mood.decision")).toEqual([]);
  });
});

describe("a computed key of an object", () => {
  it("is a finding where its value is not a text", () => {
    for (const text of ["{mood: mood.mood}", "{mood.why: 1}", "{mood.by: 1}"]) {
      const [finding = "", ...more] = reading(text);
      expect(more).toEqual([]);
      expect(finding).toMatch(
        /^bad-condition plan\/3\/body: uses the value of "mood.*Write a fixed name in quotes/,
      );
    }
  });
});
