import { describe, expect, it } from "vitest";
import { isLogged } from "#local/lambda/log-level.ts";

const METRICS = '{"_aws":{"Timestamp":1,"CloudWatchMetrics":[]},"Commits":1}';

describe("a line of a function with a log level", () => {
  it.each([
    ['{"level":"WARN","message":"trouble"}', "INFO", true],
    ['{"level":"warn","message":"trouble"}', "ERROR", false],
    ['{"level":"DEBUG","message":"detail"}', "INFO", false],
    ["no JSON at all", "INFO", true],
    ['{"level":"WARN"', "WARN", false],
    [METRICS, "INFO", true],
    [METRICS, "WARN", false],
    ['{"level":"LOUD"}', "WARN", false],
  ] as const)("%s, from %s up, is kept: %s", (line, level, kept) => {
    expect(isLogged(line, level)).toBe(kept);
  });

  it("is always kept in the text format", () => {
    expect(isLogged('{"level":"TRACE"}', undefined)).toBe(true);
  });
});
