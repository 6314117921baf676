import { describe, expect, it } from "vitest";
import {
  checkCondition,
  evaluate,
  isTrue,
  MAX_CONDITION_DEPTH,
  MAX_CONDITION_LENGTH,
  MAX_CONDITION_STEPS,
  pathsOf,
} from "#core/condition.ts";
import type { Json, JsonObject } from "#core/json.ts";

const scope: JsonObject = {
  input: {
    text: "Hello there",
    count: 2,
    one: 1,
    half: 0.5,
    nothing: null,
    items: [{ x: 1 }, { x: 2 }],
    numbers: [1, 2, 3],
    mixed: ["a", 1, null, { q: 1 }],
    tags: ["x", "y"],
    flags: { urgent: true },
    empty: {},
  },
  inquiry: { intent: "booking", slots: { date: "2026-05-01" } },
  confidence: { inquiry: 0.7 },
  event: JSON.parse('{"amount": 10, "__proto__": {"admin": true}}') as Json,
};

const values: readonly (readonly [string, Json])[] = [
  ["input.count > 1", true],
  ["input.count == 2", true],
  ["2 == input.count", true],
  ["input.count != 2", false],
  ["input.count == 2.0", true],
  ["input.half < 1", true],
  ["confidence.inquiry >= 0.7", true],
  ["confidence.inquiry >= 1", false],
  ["input.one + 1", 2],
  ["1 + input.half", 1.5],
  ["input.count - 1 == 1", true],
  ["input.count * 3", 6],
  ["5 / input.count", 2.5],
  ["input.count % 2 == 0", true],
  ["-input.count", -2],
  ["1 - -1", 2],
  ["size(input.items) > 1", true],
  ["input.items.size() == input.count", true],
  ["size(input.items) + input.one", 3],
  ["size(input.text)", 11],
  ["input.items[0].x", 1],
  ["input.items[input.one].x", 2],
  ['input["text"]', "Hello there"],
  ["has(inquiry.slots.date)", true],
  ["has(inquiry.slots.time)", false],
  ["has(inquiry.missing.date)", false],
  ["has(nobody.slots.date)", false],
  ["!has(nobody.slots)", true],
  ['has(nobody.intent) && nobody.intent == "x"', false],
  ['"x" in input.tags', true],
  ['"z" in input.tags', false],
  ["input.count in [1, 2, 3]", true],
  ["2 in input.numbers", true],
  ["null in input.mixed", true],
  ["1 in input.mixed", true],
  ['"urgent" in input.flags', true],
  ["input.numbers == [1, 2, 3]", true],
  ['input.flags == {"urgent": true}', true],
  ["input.empty == {}", true],
  ["input.items.exists(i, i.x == 1)", true],
  ["input.items.all(i, i.x > 1)", false],
  ["input.items.exists_one(i, i.x > 1)", true],
  ["input.items.map(i, i.x + 1)", [2, 3]],
  ["input.items.filter(i, i.x > 1)", [{ x: 2 }]],
  ["((input.numbers + [4]) + [5]).filter(i, i > 2).map(i, i * 2)", [6, 8, 10]],
  ["input.items.exists(i, input.numbers.exists(n, n == i.x + 1))", true],
  ["input.items.exists(i, has(i.y.z))", false],
  ['input.text.startsWith("Hello") && input.text.contains("there")', true],
  ['input.text.lowerAscii().endsWith("THERE".lowerAscii())', true],
  ['inquiry.intent + "!"', "booking!"],
  ['"it\'s " + string(input.count)', "it's 2"],
  ['r"\\d" + \'"\'', '\\d"'],
  ["int(input.half)", 0],
  ["input.nothing == null", true],
  ['inquiry.intent == 3 || inquiry.intent == "booking"', true],
  ["true || nobody.field", true],
  ["input.count > 1 ? input.count : 0", 2],
  ['{"intent": inquiry.intent, "n": 1}', { intent: "booking", n: 1 }],
  ['[1, "a", 2.5, null]', [1, "a", 2.5, null]],
  ["input.items", [{ x: 1 }, { x: 2 }]],
  ["2.0 * 3.0", 6],
  ["!(input.count > 1 && false) || !true", true],
  ["(1 + 2) * 3 - (4 - (5 - 6))", 4],
  ['timestamp("2026-01-31T10:00:00Z") < timestamp("2026-01-31T10:00:01Z")', true],
  ['timestamp("2026-01-31T10:00:00+02:00").getHours()', 8],
  ['duration("1h") > duration("59m")', true],
  ["timestamp(int(input.count)).getSeconds()", 2],
  ['event["__proto__"].admin', true],
  ["type(input.count) == double", true],
];

describe("evaluate", () => {
  it.each(values)("%s", (text, value) => {
    expect(checkCondition(text, "if")).toBeUndefined();
    expect(evaluate(text, scope)).toEqual({ ok: true, value });
  });

  it.each([
    ["nobody.field", "Unknown variable: nobody"],
    ["nobody", "Unknown variable: nobody"],
    ["input.missing == null", "No such key: missing"],
    ["input.nothing.x", "No such key: x"],
    ["input.items[7].x", "index out of bounds"],
    ["input.text > 1", "no such overload"],
    ["input.text && true", "Logical operator requires bool"],
    ["1 / 0", "division by zero"],
    ["input.count / 0", "not JSON: Infinity"],
    ["9007199254740993", "not JSON"],
    ["9223372036854775807 + 1", "integer overflow"],
    ['timestamp("2026-01-31T10:00:00Z")', "not JSON"],
    ['duration("1h")', "not JSON"],
    ['b"abc"', "not JSON"],
    ["1u", "not JSON"],
    ["int", "not JSON"],
    ["now()", "now()"],
    ["random()", "random()"],
    ["toString", "Unknown variable: toString"],
    ["constructor", "Unknown variable: constructor"],
    ["constructor.name", "Unknown variable: constructor"],
    ["input.constructor", "No such key: constructor"],
    ["{input.flags: 1}", "no text"],
    ["input.toString", "No such key: toString"],
    ["input.__proto__", "No such key: __proto__"],
    ["event.admin", "No such key: admin"],
    ["", "cannot be read"],
    ["input.count >", "cannot be read"],
  ])("answers with an error for %s", (text, reason) => {
    const result = evaluate(text, scope);
    expect(result.ok ? result : result.error).toContain(reason);
    expect(isTrue(result)).toBe(false);
  });

  const lap = JSON.parse(
    '{"input": {"laps": 3, "constructor": "Ferrari", "prototype": [1], "__proto__": {"x": 1}, "all": [{"constructor": null}]}}',
  ) as JsonObject;
  it.each<[string, Json]>([
    ["input.laps > 2", true],
    ["input.constructor", "Ferrari"],
    ['input["constructor"] + "!"', "Ferrari!"],
    ["has(input.constructor) && has(input.laps) && !has(input.nobody)", true],
    ['"constructor" in input', true],
    ['"toString" in input', false],
    ["size(input)", 5],
    ["input", lap["input"] as Json],
    ["input.all.exists(each, each.constructor == null)", true],
    ["input.all == [{'constructor': null}]", true],
    ["input == input", true],
    ['input["__proto__"].x', 1],
    ["input.map(key, key).size()", 5],
    ['{"constructor": input.laps}.constructor', 3],
    [
      '{"constructor": 1, "prototype": 2, "__proto__": 3}',
      JSON.parse('{"constructor": 1, "prototype": 2, "__proto__": 3}') as Json,
    ],
    ['{"constructor": 1} == {"x": 1}', false],
    ['{"__proto__": {}} == dyn({"x": 1})', false],
    ["{input.constructor: 1}", { Ferrari: 1 }],
  ])("treats keys that objects inherit as data: %s", (text, value) => {
    const result = evaluate(text, lap);
    // A text, since `toEqual` looks at prototypes of its own.
    expect(JSON.stringify(result)).toBe(JSON.stringify({ ok: true, value }));
  });

  it("builds keys that objects inherit when they are known only at run time", () => {
    expect(evaluate("{input.key: 1}.constructor + 1", { input: { key: "constructor" } })).toEqual({
      ok: true,
      value: 2,
    });
    expect(evaluate("{input.key: 1}", { input: { key: {} } }).ok).toBe(false);
  });

  it("fails when nested loops visit too many items", () => {
    const many = { input: { list: Array.from({ length: 1_000 }, (_, i) => i) } };
    expect(evaluate("input.list.all(a, input.list.size() > 0)", many)).toEqual({ ok: true, value: true });
    const looped = evaluate("input.list.all(a, input.list.all(b, a + b >= 0))", many);
    expect(looped).toEqual({
      ok: false,
      error: expect.stringContaining(`more than ${MAX_CONDITION_STEPS} steps`) as string,
    });
    expect(evaluate("((input.list + input.list) + []).all(a, !(-1 in input.list))", many).ok).toBe(false);
    expect(evaluate("input.list.all(a, a >= 0)", many)).toEqual({ ok: true, value: true });
  });

  it("handles deeply nested data", () => {
    let deep: Json = 1;
    for (let i = 0; i < 5_000; i++) deep = [deep];
    expect(typeof evaluate("input.deep == [1]", { input: { deep } }).ok).toBe("boolean");
  });

  it("gives the same answer after more expressions than its cache holds", () => {
    for (let i = 0; i < 1_200; i++)
      expect(evaluate(`input.count + ${i}`, scope)).toEqual({ ok: true, value: i + 2 });
    expect(evaluate("input.count + 0", scope)).toEqual({ ok: true, value: 2 });
  });
});

describe("checkCondition", () => {
  it("names the field, and says what to do", () => {
    const problem = checkCondition("input.count >", "flows.booking.if");
    expect(problem?.field).toBe("flows.booking.if");
    expect(problem?.repair).toContain("Common Expression Language");
  });

  it("allows the longest expression and rejects one character more", () => {
    const longest = "true".padEnd(MAX_CONDITION_LENGTH);
    expect(checkCondition(longest, "if")).toBeUndefined();
    expect(checkCondition(`${longest} `, "if")?.problem).toContain("1001 characters");
  });

  it.each([
    ["brackets", (n: number) => "(".repeat(n) + "true" + ")".repeat(n)],
    ["negations", (n: number) => "!".repeat(n) + "true"],
    ["fields", (n: number) => "a" + ".b".repeat(n)],
    ["choices", (n: number) => "a?b:".repeat(n) + "c"],
    ["alternatives", (n: number) => Array(n).fill("a").join("||")],
    ["calls", (n: number) => "dyn(".repeat(n) + "a" + ")".repeat(n)],
  ])("rejects %s nested too deep, and can run the deepest that it allows", (_what, nested) => {
    expect(checkCondition(nested(MAX_CONDITION_DEPTH + 1), "if")?.problem).toContain("nested deeper than 50");
    const allowed = nested(MAX_CONDITION_DEPTH - 4);
    expect(checkCondition(allowed, "if")).toBeUndefined();
    expect(evaluate(allowed, {})).not.toMatchObject({
      error: expect.stringContaining("cannot be read") as string,
    });
  });

  it.each([
    ['input.text.matches("(a+)+$")', "matches()"],
    ["cel.bind(x, [1], x + x)", "bind()"],
    ['timestamp("2026-01-31T10:00:00.000")', "time zone"],
    ["timestamp(input.text)", "time zone"],
    ['timestamp("2026-01-31T10:00:00Z").getHours("Europe/Berlin")', "getHours()"],
    ['timestamp("2026-01-31T10:00:00Z").getDayOfYear()', "getDayOfYear()"],
    ["unknown(1)", "unknown"],
    ["type.name", '"type" is a reserved word'],
    ['1 + "a"', "no such overload"],
    ["input.?x", "cannot be read"],
  ])("rejects %s", (text, reason) => {
    expect(checkCondition(text, "if")?.problem).toContain(reason);
    expect(evaluate(text, scope).ok).toBe(false);
  });
});

describe("pathsOf", () => {
  it.each([
    ['inquiry.intent == "booking" && event.amount > 10', ["inquiry.intent", "event.amount"]],
    ["confidence.inquiry >= 0.7 || confidence.inquiry < 0.1", ["confidence.inquiry"]],
    ["has(inquiry.slots.date)", ["inquiry.slots.date"]],
    ["input.items.exists(i, i.x == input.wanted)", ["input.items", "input.wanted"]],
    ["input.items.exists(i, i.tags.exists(t, t == i.x)) && i.x", ["input.items", "i.x"]],
    ["input.items[0].x", ["input.items"]],
    ['input["text"].size()', ["input.text"]],
    ['input["a.b"].c', ["input"]],
    ["input.by[inquiry.intent].x", ["input.by", "inquiry.intent"]],
    ["input", ["input"]],
    ["type(input.x) == int", ["input.x"]],
    ["{'a': input.a}.a + size([input.b])", ["input.a", "input.b"]],
    ["1 + 1", []],
    ["not valid (", []],
  ])("%s", (text, paths) => {
    expect([...pathsOf(text)].sort()).toEqual([...paths].sort());
  });
});

describe("isTrue", () => {
  it.each([["1"], ['"true"'], ["null"], ["[true]"], ["false"], ["nobody"]])("is false for %s", (text) => {
    expect(isTrue(evaluate(text, scope))).toBe(false);
  });

  it("is true for true", () => {
    expect(isTrue(evaluate("true", scope))).toBe(true);
  });
});
