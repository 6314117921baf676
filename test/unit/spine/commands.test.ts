import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../../scripts/spine/commands.ts";
import { requireNode } from "../../../scripts/spine/required-node.ts";
import { usage } from "../../../scripts/spine/usage.ts";

const parse = (name: string, ...args: readonly string[]) => {
  const command = COMMANDS.find((one) => one.name === name);
  if (command === undefined) throw new Error(`There is no command ${name}.`);
  return command.parse(args);
};

describe("commands that load an application", () => {
  it.each(["20.20.2", "22.12.0", "22.17.9"])("refuse Node %s", (version) => {
    expect(() => requireNode("dev", version)).toThrow(/^dev: Node .* Use Node 22\.18 or newer\.$/);
  });

  it.each(["22.18.0", "24.0.0"])("take Node %s", (version) => {
    expect(() => requireNode("dev", version)).not.toThrow();
  });
});

describe("the commands of npm run spine", () => {
  it("are all in the usage, each with a unique name", () => {
    const text = usage(COMMANDS);
    expect(new Set(COMMANDS.map(({ name }) => name)).size).toBe(COMMANDS.length);
    for (const { name, about } of COMMANDS) {
      expect(text).toContain(`
  ${name} `);
      expect(text).toContain(about);
    }
  });

  it("accept the options that select a spine", () => {
    expect(parse("show", "s1", "--prefix", "shop", "--region=eu-west-1").target).toEqual({
      prefix: "shop",
      region: "eu-west-1",
    });
  });

  it.each<[string, readonly string[], RegExp]>([
    ["send", [], /^SESSION: is missing\. Call npm run spine -- send SESSION TYPE/],
    ["send", ["s1"], /^TYPE: is missing/],
    ["send", ["s1", "T", "more"], /^"more": unexpected argument/],
    ["send", ["s1", "T", "--data", "{"], /^--data: not valid JSON\. Give it in single quotes/],
    [
      "send",
      ["s1", "T", "--data", "{}", "--text", "x"],
      /^--text: cannot be combined with --data\. Give one/,
    ],
    ["send", ["s1", "T", "--facts", "[]"], /^--facts: not a JSON object\. Give it/],
    ["send", ["s1", "T", "--wait", "long"], /^--wait: "long" is not a whole number\. Give 0 or more/],
    ["send", ["s\u00071", "T"], /^SESSION: "s\\u00071" is not a session id\. Use 1 to 128/],
    ["show", ["s\ud8001"], /^SESSION: "s\\ud8001" is not a session id/],
    ["send", ["s1", "T", "--id", "a\nb"], /^--id: has control characters or unpaired/],
    ["answer", ["s1", "ask1", "yes", "--id", ""], /^--id: is empty\. Give one/],
    ["show", ["s1", "--at", "-1"], /^show: .*--at/],
    ["show", ["s1", "--nope"], /^show: unknown option --nope\. Use one of --at, --json, --file, --local/],
    ["send", ["s1", "T", "--wiat", "3"], /^send: unknown option --wiat\. Did you mean --wait\?/],
    ["stop", ["s1", "--no-compensaton"], /^stop: .* Did you mean --no-compensation\?/],
    ["send", ["s1", "T", "--data", '{"n": 1e400}'], /^--data\.n: is Infinity/],
    ["send", ["s1", "T", "--facts", '{"id": 9007199254740993}'], /^--facts\.id: is a whole number beyond/],
    ["answer", ["s1", "ask1", "9007199254740993"], /^VALUE: is a whole number beyond/],
    ["show", ["s1", "--region", " "], /^--region: is empty\. Give a value or leave it out/],
    ["explain", ["s1", "7", "--run", "r"], /^--run: cannot be combined with SEQ\. Give one of the two/],
    ["answer", ["s1", "ask1"], /^VALUE: is missing\. Call npm run spine -- answer s1 ask1 VALUE/],
    ["answer", ["s1", "ask1", '{"decision"}'], /^VALUE: not valid JSON/],
    ["dead-letters", [], /^list, show, redrive or discard: is missing/],
    ["dead-letters", ["burn"], /^"burn": unknown action\. Use one of list, show, redrive, discard/],
    ["dead-letters", ["redrive"], /^LETTER: is missing\. Copy it/],
    ["dead-letters", ["redrive", "l", "--queue", "q"], /^LETTER: cannot be combined with a filter/],
    ["dead-letters", ["discard", "l"], /^--reason: is missing\. Say why/],
    ["dead-letters", ["list", "--state", "new"], /^--state: unknown state "new"\. Use one of kept, recorded/],
    ["dead-letters", ["list", "--date", "today"], /^--date: "today" is not a day\. Give one/],
    ["republish", [], /^--since: is missing\. Give a time/],
    ["republish", ["--since", "then"], /^--since: "then" is not a time\. Give one/],
    ["sessions", ["--limit", "many"], /^--limit: /],
    ["rebuild-index", ["s1"], /^"s1": unexpected argument/],
    ["stop", [], /^SESSION: is missing\. Call npm run spine -- stop SESSION/],
    ["cancel", ["s1"], /^RUN: is missing\. Call npm run spine -- cancel SESSION RUN/],
    ["cost", [], /^SESSION: is missing\. Call npm run spine -- cost SESSION/],
    ["scores", [], /^SESSION: is missing\. Call npm run spine -- scores SESSION/],
    ["unpark", [], /^SESSION: is missing/],
    ["logged", [], /^CORRELATION: is missing/],
    ["documents", [], /^--out: is missing\. Give a folder for both, or name one of asyncapi, openapi/],
    ["documents", ["swagger"], /^"swagger": unknown document\. Use one of asyncapi, openapi/],
    ["draw", ["a", "b"], /^"b": unexpected argument\. Call npm run spine -- draw \[FLOW\]/],
    ["draw", ["a", "--format", "png"], /^--format: "png" is no format\. Use one of text, mermaid, svg/],
    ["draw", ["a", "--local", "x"], /^draw: unknown option --local\. Use one of --app, --format, --out/],
    ["erase", ["s1"], /^--reason: is missing\. Say why/],
    [
      "dev",
      [],
      /^--app: there is no spine\.ts, no spine\.js, no spine\.mjs here\. Name your application's module/,
    ],
    ["dev", ["--app", "none.ts"], /^--app: none\.ts does not exist\. Name/],
    ["dev", ["--app", "package.json", "--port", "70000"], /^--port: "70000" is not a port\. Give/],
    ["dev", ["--app", "package.json", "--prefix", "p"], /^dev: unknown option --prefix\. Use one of --app/],
  ])("%s %j is rejected in one line with a repair", (name, args, message) => {
    expect(() => parse(name, ...args)).toThrow(
      expect.objectContaining({
        name: "UsageError",
        message: expect.stringMatching(message) as string,
      }) as Error,
    );
  });
});
