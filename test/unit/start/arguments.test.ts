import { describe, expect, it } from "vitest";
import { parseArguments } from "../../../scripts/start/arguments.ts";

describe("the arguments of start", () => {
  it("have defaults that require nothing", () => {
    expect(parseArguments([])).toEqual({ port: 8787, samples: false, once: false, json: false, help: false });
  });

  it("are read as given", () => {
    expect(
      parseArguments(["--once", "--json", "--data", "spine-data", "--port=0", "--throttle", "7"]),
    ).toEqual({
      port: 0,
      samples: false,
      once: true,
      json: true,
      help: false,
      data: "spine-data",
      throttle: 7,
    });
    expect(parseArguments(["--traces", "spans.json"])).toMatchObject({ traces: "spans.json" });
  });

  it.each([
    [["--port", "65536"], /--port: "65536" is not a port\. Give a whole number/],
    [["--port", "1.5"], /--port/],
    [["--port", " "], /--port/],
    [["--throttle", "often"], /--throttle: "often" is not a seed\. Give a whole number/],
    [["--throttle", ""], /--throttle/],
    [["--data", ""], /--data: names no folder\. Give the path/],
    [["--data", "package.json"], /--data: package\.json is a file\. Give the path of a folder/],
    [["--traces", "no-such-folder/spans.json"], /--traces: .* cannot be written\. Give the path of a file/],
    [["--traces", "docs"], /--traces/],
    [["--verbose"], /--verbose.*--help/],
    [["now"], /now/],
    [["--data"], /--data/],
  ])("%j are rejected with a repair", (args, message) => {
    expect(() => parseArguments(args)).toThrow(
      expect.objectContaining({
        code: "input.malformed",
        message: expect.stringMatching(message) as string,
      }) as Error,
    );
  });
});
