import { describe, expect, it } from "vitest";
import { MCP_TOOLS, toolText } from "../../../scripts/mcp/mcp-tools.ts";
import { tableOf } from "../../docs/pages.ts";

describe("the tools for assistants", () => {
  it("are those of the page, and those that write stand last", () => {
    const names = tableOf("docs/mcp.md", "tool", "what it does").map(([name]) => name);
    expect(MCP_TOOLS.map(({ name }) => name)).toEqual(names);
    expect(MCP_TOOLS.slice(-3).every(({ writes }) => writes)).toBe(true);
    expect(MCP_TOOLS.filter(({ writes }) => writes)).toHaveLength(3);
  });

  it("answer in JSON, cut where it is long, and say so", () => {
    expect(toolText({ a: [1] })).toBe('{\n "a": [\n  1\n ]\n}');
    const cut = toolText({ text: "x".repeat(70_000) });
    expect(cut.length).toBeLessThan(60_100);
    expect(cut).toContain("characters; ask for less.");
  });
});
