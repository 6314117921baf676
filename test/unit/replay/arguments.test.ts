import { describe, expect, it } from "vitest";
import { readArguments } from "../../../scripts/replay/arguments.ts";

describe("the replay's command line", () => {
  it("defaults to one folder, eight dialogues at once and nothing else", () => {
    expect(readArguments(["sgd"])).toEqual({
      dir: "sgd",
      json: false,
      inProcess: false,
      options: { sessions: 8, rush: false, duplicates: 0, seed: 1 },
    });
  });

  it("accepts every option", () => {
    const line = "sgd --sessions 64 --rush --duplicates 0.2 --seed 7 --json --dump log.json";
    const options = { sessions: 64, rush: true, duplicates: 0.2, seed: 7 };
    const given = { dir: "sgd", json: true, dump: "log.json" };
    expect(readArguments([...line.split(" "), "--kill", "50", "--traces", "spans.json"])).toEqual({
      ...given,
      inProcess: false,
      options: { ...options, kill: 50, traces: "spans.json" },
    });
    expect(readArguments([...line.split(" "), "--in-process", "--break", "dedup"])).toEqual({
      ...given,
      inProcess: true,
      options: { ...options, broken: "dedup" },
    });
  });

  it.each([
    ["", /^DIR: expected one folder, got 0\. Give/],
    ["a b", /^DIR: expected one folder, got 2\. Give/],
    ["sgd --sessions 0", /^--sessions: "0" is not a whole number from 1\. Give/],
    ["sgd --sessions 1.5", /^--sessions: "1.5" is not/],
    ["sgd --sessions=", /^--sessions: "" is not/],
    ["sgd --duplicates 2", /^--duplicates: "2" is not a share from 0 to 1\. Give/],
    ["sgd --duplicates many", /^--duplicates: "many" is not/],
    ["sgd --seed x", /^--seed: "x" is not a whole number/],
    ["sgd --kill 0", /^--kill: "0" is not a whole number from 1\. Give/],
    ["sgd --kill 5 --in-process", /^--kill: with --in-process .+\. Leave out --in-process/],
    ["sgd --traces spans.json --in-process", /^--traces: with --in-process .+\. Leave out --in-process/],
    ["sgd --traces no-such-folder/spans.json", /^--traces: .+ cannot be written\. Give the path of a file/],
    ["sgd --traces docs", /^--traces: "docs" cannot be written/],
    ["sgd --break dedup", /^--break: .+ and cannot change them\. Add --in-process/],
    ["sgd --break time", /^--break: unknown value "time"\. Use --break dedup/],
  ])("rejects %j with a repair", (line, message) => {
    const args = line.split(" ").filter((word) => word !== "");
    expect(() => readArguments(args)).toThrow(message);
  });
});
