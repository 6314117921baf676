import { describe, expect, it } from "vitest";
import { parseExpression } from "#local/metrics/expression.ts";

describe("metric math", () => {
  const metrics: Readonly<Record<string, number | undefined>> = { m1: 6, m2: 4, zero: 0, none: undefined };
  const value = (text: string) => parseExpression(text).value((id) => metrics[id]);

  it.each([
    ["m1", 6],
    ["m1 + m2", 10],
    ["m1 - m2 - 1", 1],
    ["m1 + m2 * 2", 14],
    ["(m1 + m2) * 2", 20],
    ["m1 / m2", 1.5],
    ["SUM([m1, m2, zero])", 10],
    ["MAX([m1, m2])", 6],
    ["MIN([m1 - 1, m2])", 4],
    ["100 * m2 / (m1 + m2)", 40],
  ])("evaluates %s to %d", (text, expected) => {
    expect(value(text)).toBe(expected);
  });

  it("has no value in a period in which one of its metrics has none", () => {
    expect(["none", "m1 + none", "MAX([m1, none])", "none * zero"].map(value)).toEqual(
      Array(4).fill(undefined),
    );
  });

  it("lists the metrics that it uses", () => {
    expect(parseExpression("SUM([visible, hidden]) + visible").uses).toEqual(["visible", "hidden"]);
  });

  it.each([
    "FILL(m1, 0)",
    "SUM(m1)",
    "m1 +",
    "SEARCH('x')",
    "m1 m2",
    "M1",
    "(m1",
    "m1 > 2",
    "SUM(METRICS())",
  ])("rejects %s as unsupported", (text) => {
    expect(() => parseExpression(text)).toThrow(/not supported/);
  });
});
