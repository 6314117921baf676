import { describe, expect, it } from "vitest";
import { parsePattern } from "#local/events/event-pattern.ts";

type Case = readonly [what: string, pattern: object, event: object, matches: boolean];

const CASES: readonly Case[] = [
  ["an exact text", { source: ["a"] }, { source: "a" }, true],
  ["another text", { source: ["a"] }, { source: "b" }, false],
  ["one of several texts", { source: ["a", "b"] }, { source: "b" }, true],
  ["a text of other case", { source: ["a"] }, { source: "A" }, false],
  ["an empty text", { source: [""] }, { source: "" }, true],
  ["a field that is missing", { source: ["a"] }, { other: "a" }, false],
  ["two fields that both match", { a: [1], b: [2] }, { a: 1, b: 2, c: 3 }, true],
  ["two fields of which one matches", { a: [1], b: [2] }, { a: 1, b: 3 }, false],
  ["a number", { n: [300] }, { n: 300.0 }, true],
  ["a number against its text", { n: [300] }, { n: "300" }, false],
  ["true", { f: [true] }, { f: true }, true],
  ["true against false", { f: [true] }, { f: false }, false],
  ["null against null", { f: [null] }, { f: null }, true],
  ["null against an empty text", { f: [null] }, { f: "" }, false],
  ["null against a missing field", { f: [null] }, {}, false],
  ["an array of which one element matches", { types: ["b"] }, { types: ["a", "b"] }, true],
  ["an array of which none matches", { types: ["c"] }, { types: ["a", "b"] }, false],
  ["an empty array", { types: ["a"] }, { types: [] }, false],
  ["a nested field", { detail: { state: ["on"] } }, { detail: { state: "on", more: 1 } }, true],
  ["a nested field against a text", { detail: { state: ["on"] } }, { detail: "on" }, false],
  ["an object against a list of literals", { detail: ["on"] }, { detail: { on: "on" } }, false],
  [
    "fields that meet in one object of an array",
    { items: { a: [1], b: [2] } },
    {
      items: [
        { a: 1, b: 3 },
        { a: 1, b: 2 },
      ],
    },
    true,
  ],
  [
    "fields that meet in no object of an array",
    { items: { a: [1], b: [2] } },
    {
      items: [
        { a: 1, b: 3 },
        { a: 2, b: 2 },
      ],
    },
    false,
  ],
  ["a prefix", { s: [{ prefix: "ord" }] }, { s: "orders" }, true],
  ["an empty prefix, for any text", { s: [{ prefix: "" }] }, { s: "x" }, true],
  ["a prefix that stands elsewhere", { s: [{ prefix: "ord" }] }, { s: "reorder" }, false],
  ["a prefix of any case", { s: [{ prefix: { "equals-ignore-case": "ORD" } }] }, { s: "orders" }, true],
  ["a suffix", { s: [{ suffix: ".png" }] }, { s: "a.png" }, true],
  ["a suffix of other case", { s: [{ suffix: ".png" }] }, { s: "a.PNG" }, false],
  ["a suffix of any case", { s: [{ suffix: { "equals-ignore-case": ".png" } }] }, { s: "a.PNG" }, true],
  ["a text of any case", { s: [{ "equals-ignore-case": "Alice" }] }, { s: "aLICE" }, true],
  ["another text of any case", { s: [{ "equals-ignore-case": "Alice" }] }, { s: "Bob" }, false],
  ["a wildcard in the middle", { s: [{ wildcard: "dir/*/file" }] }, { s: "dir/a/b/file" }, true],
  ["a wildcard that does not fit", { s: [{ wildcard: "dir/*.png" }] }, { s: "dir/a.jpg" }, false],
  ["a wildcard beside signs of regular expressions", { s: [{ wildcard: "a.b*" }] }, { s: "axb1" }, false],
  ["an escaped wildcard", { s: [{ wildcard: "a\\*b" }] }, { s: "a*b" }, true],
  ["an escaped wildcard against other text", { s: [{ wildcard: "a\\*b" }] }, { s: "axb" }, false],
  ["anything but a text", { s: [{ "anything-but": "a" }] }, { s: "b" }, true],
  ["anything but that text", { s: [{ "anything-but": "a" }] }, { s: "a" }, false],
  ["anything but, for a missing field", { s: [{ "anything-but": "a" }] }, {}, false],
  ["anything but a number", { n: [{ "anything-but": 5 }] }, { n: 6 }, true],
  ["anything but a list", { s: [{ "anything-but": ["a", "b"] }] }, { s: "b" }, false],
  ["anything but a list of numbers", { n: [{ "anything-but": [1, 2] }] }, { n: 3 }, true],
  ["anything but a prefix", { s: [{ "anything-but": { prefix: "init" } }] }, { s: "initial" }, false],
  ["anything but prefixes", { s: [{ "anything-but": { prefix: ["a", "b"] } }] }, { s: "cab" }, true],
  ["anything but a suffix", { s: [{ "anything-but": { suffix: ".txt" } }] }, { s: "a.txt" }, false],
  [
    "anything but a wildcard",
    { s: [{ "anything-but": { wildcard: "*/init/*" } }] },
    { s: "a/init/b" },
    false,
  ],
  [
    "anything but a wildcard that does not fit",
    { s: [{ "anything-but": { wildcard: "*/init/*" } }] },
    { s: "a/b" },
    true,
  ],
  [
    "anything but a text of any case",
    { s: [{ "anything-but": { "equals-ignore-case": "A" } }] },
    { s: "a" },
    false,
  ],
  [
    "anything but texts of any case",
    { s: [{ "anything-but": { "equals-ignore-case": ["A", "B"] } }] },
    { s: "c" },
    true,
  ],
  ["a number above", { n: [{ numeric: [">", 0] }] }, { n: 1 }, true],
  ["a number at an open end", { n: [{ numeric: [">", 0] }] }, { n: 0 }, false],
  ["a number in a range", { n: [{ numeric: [">=", 0, "<", 5] }] }, { n: 4.5 }, true],
  ["a number at a range's open end", { n: [{ numeric: [">=", 0, "<", 5] }] }, { n: 5 }, false],
  ["an equal number", { n: [{ numeric: ["=", 3.018e2] }] }, { n: 301.8 }, true],
  ["a text in a numeric range", { n: [{ numeric: [">", 0] }] }, { n: "1" }, false],
  ["a field that exists", { f: [{ exists: true }] }, { f: 0 }, true],
  ["a field that exists as null", { f: [{ exists: true }] }, { f: null }, true],
  ["an object, which is no leaf that exists", { f: [{ exists: true }] }, { f: { g: 1 } }, false],
  ["a field that must not exist", { f: [{ exists: false }] }, {}, true],
  ["a field that must not exist and does", { f: [{ exists: false }] }, { f: 1 }, false],
  ["a missing field or a value", { f: [{ exists: false }, "x"] }, { f: "x" }, true],
  ["an address in a range", { ip: [{ cidr: "10.0.0.0/24" }] }, { ip: "10.0.0.255" }, true],
  ["an address outside a range", { ip: [{ cidr: "10.0.0.0/24" }] }, { ip: "10.0.1.0" }, false],
  ["an IPv6 address in a range", { ip: [{ cidr: "2001:db8::/32" }] }, { ip: "2001:db8::1" }, true],
  ["no address", { ip: [{ cidr: "10.0.0.0/8" }] }, { ip: "ten" }, false],
  ["the first of two patterns", { $or: [{ a: [1] }, { b: [2] }] }, { a: 1, b: 3 }, true],
  ["neither of two patterns", { $or: [{ a: [1] }, { b: [2] }] }, { a: 2, b: 3 }, false],
  ["either of two patterns beside a field", { c: [1], $or: [{ a: [1] }, { b: [2] }] }, { a: 1, c: 2 }, false],
  [
    "a nested alternative",
    { d: { $or: [{ a: [1] }, { b: [{ numeric: [">", 1] }] }] } },
    { d: { b: 2 } },
    true,
  ],
  ["a name of Object's own", { constructor: [{ exists: true }] }, {}, false],
];

describe("event patterns", () => {
  it.each(CASES)("decides on %s", (_what, pattern, event, matches) => {
    expect(parsePattern(pattern)(event)).toBe(matches);
  });

  it.each([
    ["an unknown operator", { a: [{ contains: "x" }] }],
    ["an unknown operator in anything-but", { a: [{ "anything-but": { numeric: ["=", 1] } }] }],
    ["two operators in one rule", { a: [{ prefix: "x", suffix: "y" }] }],
    ["a literal outside a list", { a: "x" }],
    ["an empty list", { a: [] }],
    ["an empty pattern", {}],
    ["a list as the pattern", []],
    ["a mixed anything-but", { a: [{ "anything-but": ["x", 1] }] }],
    ["a numeric comparison that is unknown", { a: [{ numeric: ["!=", 1] }] }],
    ["a numeric range from its upper end", { a: [{ numeric: ["<", 1, ">", 0] }] }],
    ["consecutive wildcards", { a: [{ wildcard: "a**b" }] }],
    ["an escape of another character", { a: [{ wildcard: "a\\nb" }] }],
    ["an address range that is none", { a: [{ cidr: "10.0.0.0" }] }],
    ["an alternative of one", { $or: [{ a: [1] }] }],
    ["exists with a text", { a: [{ exists: "yes" }] }],
  ])("rejects %s", (_what, pattern) => {
    expect(() => parsePattern(pattern)).toThrow(/^\$/);
  });
});
