import { describe, expect, it } from "vitest";
import { evaluate } from "#core/condition.ts";

const SECRET = "needle-4711";
const SCOPE = { input: { pin: SECRET, list: [SECRET], named: { [SECRET]: 1 } } };

/** Expressions that fail on what they read, a kind of failure each. */
const FAILING = [
  "int(input.pin)",
  "double(input.pin)",
  "bool(input.pin)",
  "duration(input.pin)",
  "string(input.named)",
  "bytes(input.pin)",
  "type(input.pin)",
  "input[input.pin]",
  "input.list[input.pin]",
  "input.named[input.pin + input.pin]",
  "input.pin + 1",
  "input.pin < 1",
  "-input.pin",
  "!input.pin",
  "input.pin ? 1 : 2",
  "input.pin && true",
  "input.pin.substring(100)",
  "input.pin.indexOf(3)",
  "input.list.join(3)",
  "input.list.all(x, x)",
  "input.list.filter(x, x)",
  "input.pin.map(x, x)",
  "{input.list: 1}",
];

describe("the error text of a failed expression", () => {
  it.each(FAILING)("quotes no value: %s", (expression) => {
    const result = evaluate(expression, SCOPE);
    expect(result).toEqual({ ok: false, error: expect.not.stringContaining(SECRET) });
  });
});
