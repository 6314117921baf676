import { writeFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { flowGraph } from "#console/model/flow-graph.ts";
import { defineAgent } from "#core/contract.ts";
import {
  choice,
  defineFlow,
  fallback,
  human,
  map,
  parallel,
  reply,
  sequence,
  step,
} from "#core/flow/build.ts";
import { defineApplication } from "#core/flow/compile.ts";
import { customerCareApplication } from "#flows/customer-care.ts";
import { sha256Digest } from "#testing/given-when-then.ts";
import { flowLayout, BOX_HEIGHT } from "../../../scripts/draw/flow-layout.ts";
import { flowMermaid } from "../../../scripts/draw/flow-mermaid.ts";
import { flowSvg } from "../../../scripts/draw/flow-svg.ts";
import { COMMANDS } from "../../../scripts/spine/commands.ts";

const output = {
  "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) },
} as const;
const agent = (name: string) => defineAgent({ name, reads: ["input"], output });
const skip = { fallback: fallback.skip() };

const compiled = (plan: Parameters<typeof defineFlow>[0]["plan"]) => {
  const flows = [defineFlow({ name: "visit", on: "Asked", plan })];
  const [first] = defineApplication({ flows }, sha256Digest).flows;
  if (first === undefined) throw new Error("It has a flow.");
  return first.flow;
};
const nested = compiled(
  sequence(
    step(agent("a"), { ...skip, compensate: step(agent("giver")) }),
    choice({
      when: [
        {
          if: `input.text == "<b> & \\"c\\""`,
          then: map({ over: "input.list", each: step(agent("b"), skip) }),
        },
      ],
      otherwise: parallel({ branches: { l: step(agent("c"), skip), r: human({ ask: "Why <now>?" }) } }),
    }),
    reply("a"),
  ),
);
const flows = [
  nested,
  ...defineApplication(customerCareApplication, sha256Digest).flows.map(({ flow }) => flow),
];

describe("a flow as Mermaid", () => {
  it("has a line for each step and each way", () => {
    const flow = compiled(sequence(step(agent("greeter"), skip), reply("greeter")));
    expect(flowMermaid(flow)).toBe(
      [
        "flowchart TD",
        '  n0(["on Asked"])',
        '  n1["greeter"]',
        '  n2("skip")',
        '  n3>"reply"]',
        '  n4(["end"])',
        "  n0 --> n1",
        '  n1 -.->|"else"| n2',
        "  n1 --> n3",
        "  n2 --> n3",
        "  n3 --> n4",
      ].join("\n"),
    );
  });

  it("writes labels so that nothing in them ends them or is markup", () => {
    const text = flowMermaid(nested);
    expect(text).toContain('"ask: Why #60;now#62;?"');
    expect(text).toContain('|"input.text == #34;#60;b#62; #38; ');
    for (const label of text.matchAll(/"([^"]*)"/g)) expect(label[1]).not.toMatch(/[<>&]/);
  });
});

describe("a flow as a picture", () => {
  it.each(flows.map((flow) => [flow.name, flow] as const))(
    "draws %s without boxes that overlap",
    (_, flow) => {
      const graph = flowGraph(flow);
      const { boxes, width, height } = flowLayout(graph, flow.plan);
      expect([...boxes.keys()].toSorted()).toEqual(graph.nodes.map(({ id }) => id).toSorted());
      const all = [...boxes.values()];
      for (const [at, one] of all.entries()) {
        expect(one.x - one.width / 2).toBeGreaterThanOrEqual(0);
        expect(one.x + one.width / 2).toBeLessThanOrEqual(width);
        expect(one.y + BOX_HEIGHT / 2).toBeLessThanOrEqual(height);
        const near = all
          .slice(at + 1)
          .filter(({ x, y, width: w }) => y === one.y && Math.abs(x - one.x) < (w + one.width) / 2);
        expect(near).toEqual([]);
      }
    },
  );

  it("has each step and way, and no markup from labels", () => {
    const { nodes, edges } = flowGraph(nested);
    const svg = flowSvg(nested);
    expect(svg.match(/<rect [^>]*stroke=/g)).toHaveLength(nodes.length);
    expect(svg.match(/marker-end=/g)).toHaveLength(edges.length);
    expect(svg).toContain("ask: Why &lt;now&gt;?");
    expect(svg.replaceAll(/<\/?(?:svg|title|defs|marker|path|rect|text|g)\b[^<>]*>/g, "")).not.toMatch(
      /[<>]/,
    );
  });
});

describe("the command draw", () => {
  const folder = mkdtempSync(join(tmpdir(), "spine-draw-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const run = async (...args: readonly string[]) => {
    const parsed = COMMANDS.find(({ name }) => name === "draw")?.parse(args);
    if (parsed === undefined || parsed.target !== undefined) throw new Error("It needs no spine.");
    const printed: string[] = [];
    const stopped = new AbortController().signal;
    await parsed.run({ print: (text) => void printed.push(text), stopped, colours: false });
    return printed.join("\n");
  };

  it("draws the sample's flow in each format", async () => {
    expect(await run()).toMatch(/^flow customer-care: on MessageReceived/);
    expect(await run("customer-care", "--format", "mermaid")).toMatch(/^flowchart TD\n {2}n0\(\["on Mess/);
    const out = join(folder, "flow.svg");
    expect(await run("customer-care", "--format", "svg", "--out", out)).toBe(`Wrote ${out}.`);
    expect(readFileSync(out, "utf8")).toMatch(/^<svg [^]*<\/svg>\n$/);
  });

  it("says what it cannot draw", async () => {
    await expect(run("custmer-care")).rejects.toThrow(/^FLOW: .* Did you mean customer-care\?$/);
    await expect(run("--app", join(folder, "none.ts"))).rejects.toThrow(/^--app: The application .*none\.ts/);
    writeFileSync(join(folder, "empty.ts"), "export const other = 1;");
    await expect(run("--app", join(folder, "empty.ts"))).rejects.toThrow(/exports no applicationDefinition/);
    const out = join(folder, "no/flow.txt");
    await expect(run("--out", out)).rejects.toThrow(/^--out: .*Give a file in a folder that exists/);
  });
});
