import { describe, expect, it } from "vitest";
import { AgentMetric, FunctionMetric, SpineMetric } from "#aws/observe/metrics.ts";
import { filesOf, textOf } from "./source.ts";

const GROUPS = { AgentMetric, FunctionMetric, SpineMetric };
const sources = [...filesOf("functions"), ...filesOf("shared")]
  .filter((path) => path.endsWith(".ts") && path !== "shared/aws/observe/metrics.ts")
  .map(textOf);

describe("the functions' metrics", () => {
  it("are each counted by a function: an alarm or a graph of another one would stay empty", () => {
    const names = Object.entries(GROUPS).flatMap(([group, metrics]) =>
      Object.entries(metrics).map(
        ([key, name]) => [`"${name}"`, new RegExp(`${group}\\.${key}\\b`)] as const,
      ),
    );
    expect(names.length).toBeGreaterThan(20);
    const counted = ([text, key]: (typeof names)[number]) =>
      sources.some((source) => source.includes(text) || key.test(source));
    expect(names.filter((name) => !counted(name)).map(([text]) => text)).toEqual([]);
  });
});
