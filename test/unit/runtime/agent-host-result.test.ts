import { describe, expect, it } from "vitest";
import { hostOf, outcomesOf, TASK } from "./agent-host.ts";

function circle(): unknown {
  const me: Record<string, unknown> = {};
  me["me"] = me;
  return me;
}

describe("a result", () => {
  it("of undefined becomes null, for the contract to check", async () => {
    const { host, door } = hostOf(() => undefined as never);
    await host(TASK, 1);
    expect(outcomesOf(door)).toEqual([{ status: "ok", result: null }]);
  });

  it("drops undefined fields, and converts values with toJSON", async () => {
    const { host, door } = hostOf(() => ({ a: 1, b: undefined, at: new Date(0) }) as never);
    await host(TASK, 1);
    expect(outcomesOf(door)).toStrictEqual([
      { status: "ok", result: { a: 1, at: "1970-01-01T00:00:00.000Z" } },
    ]);
  });

  it.each<[string, () => unknown, string]>([
    ["a bigint", () => ({ n: 1n }), "result.n "],
    ["NaN", () => ({ price: { total: NaN } }), "result.price.total "],
    ["an infinite number", () => [1, Infinity], "result.1 "],
    ["a number that would be rounded", () => ({ id: 2 ** 53 }), "result.id "],
    ["a Map", () => ({ by: new Map([["a", 1]]) }), "result.by is a Map"],
    ["a Set", () => new Set([1]), "result is a Set"],
    ["an Error", () => ({ last: new TypeError("x") }), "result.last is a TypeError"],
    ["a promise that nobody awaited", () => ({ later: Promise.resolve(1) }), "result.later is a Promise"],
    ["a function", () => ({ run: () => 1 }), "result.run is a function"],
    ["nothing in a list", () => [undefined], "result.0 is undefined"],
    ["itself", circle, "nested deeper"],
  ])(
    "that is or contains %s is a failed answer with the field, not a redelivered message",
    async (_what, make, where) => {
      const { host, door } = hostOf(() => make() as never);
      expect(await host(TASK, 1)).toBe("answered");
      expect(outcomesOf(door)).toMatchObject([
        {
          status: "failed",
          error: { code: "answer.malformed", message: expect.stringContaining(where) as string },
          retryable: false,
        },
      ]);
    },
  );
});
