import { describe, expect, it } from "vitest";
import { checkCondition, evaluate, evaluateEach, MAX_CONDITION_STEPS } from "#core/condition.ts";
import { language } from "#core/condition-language.ts";
import { MAX_DEPTH } from "#core/json-form.ts";
import type { Json, JsonObject } from "#core/json.ts";
import { indexIn, lastIndexIn, splitBy } from "#core/text-search.ts";

const numbers = (length: number) => Array.from({ length }, (_, i) => i);

const scope: JsonObject = {
  input: {
    tags: Array<string>(20_000).fill("ab"),
    text: "a".repeat(100_000),
    texts: Array<string>(100).fill("a".repeat(50_000)),
    few: numbers(3_000),
    many: numbers(100_000),
    objects: numbers(20_000).map((x) => ({ x })),
    object: Object.fromEntries(numbers(20_000).map((i) => [`key${i}`, i])),
    end: `${"a".repeat(2_000)}b`,
    digits: "1".repeat(32),
  },
};

const tooMuch = {
  ok: false,
  error: expect.stringContaining(`more than ${MAX_CONDITION_STEPS} steps`) as string,
};

describe("an evaluation that would take too much", () => {
  it.each([
    "input.tags.exists(t, input.text.contains(t))",
    "input.tags.filter(t, input.text.contains(t))",
    'input.few.map(x, input.text + "b").join("")',
    'input.few.map(x, {"id": x, "note": input.text})',
    "input.few.map(x, input.text)",
    "input.few.map(x, [[input.text]])",
    "input.few.map(x, {input.text + string(x): x})",
    "[input.text].map(x, x + x).map(x, x + x).map(x, x + x).map(x, x + x).map(x, x + x).map(x, x + x)",
    "[1].map(x, [x, x]).map(x, [x, x])" + ".map(x, [x, x])".repeat(25),
    "input.few.all(x, input.text == input.text)",
    "input.few.all(x, input.text <= input.text)",
    "input.few.all(x, input.objects == input.objects)",
    "input.few.all(x, !(-1 in input.many))",
    "input.few.all(x, (input.many + input.many).size() > 0)",
    "input.few.all(x, size(input.object) > 0)",
    "input.few.all(x, input.object.exists(k, k == 'key0'))",
    "input.few.all(x, input.tags.join(', ') != '')",
    "input.few.all(x, input.text.lastIndexOf(input.end) < 0)",
    "input.few.all(x, input.text.split('').size() > 0)",
    "input.many.exists(x, duration(input.digits) == duration('1s'))",
    "input.many.exists(x, x.field == 1)",
    "input.many.all(x, string(x) != '')",
    "input.tags.exists(t, input.text.contains(t)) || true",
    "false && true || (input.tags.exists(t, input.text.contains(t)) || true)",
    "input.tags.exists(t, input.tags.exists(u, u == t + 'x') || false) ? 1 : 2",
  ])("is an error: %s", (text) => {
    expect(checkCondition(text, "if")).toBeUndefined();
    expect(evaluate(text, scope)).toEqual(tooMuch);
  });

  // What a later version of the library brings is found here.
  const reading = language
    .getDefinitions()
    .functions.filter(({ receiverType, params }) =>
      [receiverType, ...params.map(({ type }) => type)].some((type) => type === "string" || type === "bytes"),
    )
    .map(({ receiverType, name, params, signature }) => {
      const values: Readonly<Record<string, string>> = {
        string: "t",
        bytes: "bytes(t)",
        int: "1",
        "list<string>": "input.texts",
      };
      const value = (type: string) => values[type] ?? "null";
      const call = `${name}(${params.map(({ type }) => value(type)).join(", ")})`;
      return [signature, receiverType === null ? call : `${value(receiverType)}.${call}`] as const;
    });

  it("counts the cost of functions that read texts", () => expect(reading.length).toBeGreaterThan(30));

  it.each(reading)("counts the cost of what %s reads", (_signature, call) => {
    const text = `input.texts.exists(t, [${call}] == [])`;
    if (checkCondition(text, "if") === undefined) expect(evaluate(text, scope)).toEqual(tooMuch);
    else expect(call).toMatch(/matches|json|timestamp|get[A-Z]\w+\(t\)/);
  });

  it("counts its steps across all scopes", () => {
    const texts = numbers(100).map(() => ({ item: "a".repeat(10_000) }));
    const results = evaluateEach("item.lowerAscii()", texts);
    expect(results.at(-1)).toEqual(tooMuch);
    expect(results.length).toBeLessThan(100);
    expect(evaluateEach("item.size()", texts.slice(0, 10)).every(({ ok }) => ok)).toBe(true);
  });
});

describe("an evaluation", () => {
  it.each<[string, Json]>([
    ["input.tags.all(t, t == 'ab')", true],
    ["input.objects.filter(o, o.x > 19997)", [{ x: 19_998 }, { x: 19_999 }]],
    ["input.text.contains(input.end)", false],
    ["input.text.size()", 100_000],
    ["input.text", "a".repeat(100_000)],
    ["input.few.map(x, x * 2).size()", 3_000],
    ["input.many.size() > 0 && -1 in input.few", false],
  ])("of realistic event data succeeds: %s", (text, value) => {
    expect(evaluate(text, scope)).toEqual({ ok: true, value });
  });

  it("is not charged for an earlier one that ran out of steps", () => {
    expect(evaluate("input.tags.exists(t, input.text.contains(t))", scope)).toEqual(tooMuch);
    expect(evaluate("input.tags.size()", scope)).toEqual({ ok: true, value: 20_000 });
  });

  const nested = (depth: number): Json => JSON.parse("[".repeat(depth) + "]".repeat(depth)) as Json;

  it("never builds a value nested deeper than a session may keep", () => {
    const text = "[input.deep]";
    expect(evaluate(text, { input: { deep: nested(MAX_DEPTH - 1) } }).ok).toBe(true);
    expect(evaluate(text, { input: { deep: nested(MAX_DEPTH) } })).toEqual({
      ok: false,
      error: `The result is nested deeper than ${MAX_DEPTH} levels. Flatten it`,
    });
  });

  it("compares values of any depth", () => {
    const deep = { one: nested(100_000), other: nested(100_000), less: nested(99_999) };
    expect(evaluate("input.one == input.other", { input: deep })).toEqual({ ok: true, value: true });
    expect(evaluate("input.one in [input.less]", { input: deep })).toEqual({ ok: true, value: false });
  });

  it.each([
    ["bool(input.who)"],
    ["double(input.who)"],
    ["int(input.who)"],
    ["duration(input.who)"],
    ["input.by[input.who]"],
    ["input.list[int(input.pin)]"],
    ["int(input.pin) * 9223372036854775807"],
    ["int(input.pin) * 9007199254740993"],
    ["input.who + input.list"],
    ["input.who.contains(input.list)"],
    ["input.who ? 1 : 2"],
    ["{input.list: 1}"],
  ])("reports the error without quoting the value: %s", (text) => {
    const result = evaluate(text, { input: { who: "ada-4711", pin: 4711, by: {}, list: ["ada-4711"] } });
    expect(result.ok ? "ok" : result.error).not.toMatch(/ada|4711|ok/);
  });
});

describe("a search in a text", () => {
  const texts = ["", "a", "ab", "aab", "abab", "ababab", "aaaa", "baab", "aabaabaa", "字a字"];
  it("finds the same positions as the built-in search", () => {
    for (const text of texts)
      for (const wanted of texts) {
        expect(indexIn(text, wanted), `${wanted} in ${text}`).toBe(text.indexOf(wanted));
        expect(lastIndexIn(text, wanted)).toBe(text.lastIndexOf(wanted));
        expect(splitBy(text, wanted)).toEqual(text.split(wanted));
        for (let from = 0; from < text.length; from++) {
          expect(indexIn(text, wanted, from)).toBe(text.indexOf(wanted, from));
          expect(lastIndexIn(text, wanted, from)).toBe(text.lastIndexOf(wanted, from));
        }
      }
  });
});
