import { describe, expect, it } from "vitest";
import type { RecordedEvent } from "#core/session/events.ts";
import { percentile } from "../../../scripts/statistics.ts";
import { parseArguments } from "../../../scripts/faults/arguments.ts";
import { crashTable } from "../../../scripts/faults/crash/table.ts";
import type { StrikeResult } from "../../../scripts/faults/crash/strike.ts";
import { lateProblems } from "../../../scripts/faults/urgent/pre-empt.ts";
import { Fault } from "#local/faults/injector.ts";

const event = (type: string, data: object): RecordedEvent =>
  ({ sequence: 1, type, data }) as unknown as RecordedEvent; // as much of it as is looked at

describe("a late result", () => {
  const fenced = event("AttemptFenced", { task: "t", attempt: 1 });
  const late = event("AnswerLate", {
    task: "t",
    attempt: 1,
    outcome: { status: "ok", result: { for: "long", startedAt: 100 } },
  });

  it("is recorded, and the later attempt's result is in the context", () => {
    expect(lateProblems([fenced, late], { for: "long", startedAt: 200 })).toEqual([]);
  });

  it("is reported when it is missing, and when it is in the context", () => {
    expect(lateProblems([fenced], { for: "long", startedAt: 200 })).toEqual([
      "0 late results are recorded instead of one",
    ]);
    expect(lateProblems([fenced, late], { for: "long", startedAt: 100 })).toEqual([
      "the late result is in the context",
    ]);
    expect(lateProblems([late], { for: "long", startedAt: 200 })).toEqual([
      "0 attempts were fenced instead of one",
    ]);
  });
});

describe("the table of faults", () => {
  const result = (nth: number, more: Partial<StrikeResult> = {}): StrikeResult => ({
    failpoint: { functionName: "door", service: "dynamodb", operation: "PutItem", resource: "log", nth },
    fault: Fault.refused,
    struck: true,
    inDoubt: false,
    problems: [],
    ...more,
  });

  it("counts the struck requests that ended correctly, and lists those that were not reached", () => {
    const results = [
      result(1),
      result(2, { problems: ["gap: …"] }),
      result(3, { inDoubt: true }),
      result(4, { struck: false }),
    ];
    const lines = crashTable({ failpoints: 4, results }).split("\n");
    expect(
      lines
        .find((line) => line.startsWith("door  PutItem"))
        ?.trim()
        .split(/\s{2,}/),
    ).toEqual(["door", "PutItem", "4", "-", "-", "2/3", "-", "1", "1"]);
    expect(lines.at(-1)).toBe("together: 2/3 of 4 strikes; 1 in doubt, 1 not reached");
  });
});

describe("the arguments", () => {
  it("choose every request, a bad agent, or an urgent event", () => {
    expect(parseArguments([])).toMatchObject({ command: "crashes", every: 1 });
    expect(parseArguments(["--agent", "hang", "--sessions", "12"])).toMatchObject({
      command: "agent",
      kinds: ["hang"],
      sessions: 12,
    });
    expect(parseArguments(["--urgent"])).toMatchObject({ command: "urgent", seconds: 60 });
  });

  it("are rejected with an explanation", () => {
    expect(() => parseArguments(["--agent", "sulk"])).toThrow("--agent sulk: unknown kind");
    expect(() => parseArguments(["--every", "0"])).toThrow("--every 0 is not a whole number from 1");
    expect(() => parseArguments(["--unknown"])).toThrow(TypeError);
  });
});

describe("a percentile", () => {
  it("is the smallest value that its share of the values does not exceed", () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([percentile(values, 0.5), percentile(values, 0.95), percentile([], 0.5)]).toEqual([50, 95, 0]);
  });
});
