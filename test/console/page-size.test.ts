import { describe, expect, it } from "vitest";
import { measureConsole, MOST_CONSOLE_BYTES } from "../../scripts/sizes/console-page.ts";

describe("the console's page", () => {
  it("loads little at first, the layout of graphs later, and nothing inline or from elsewhere", async () => {
    const { bytes, initial, html } = await measureConsole();
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThanOrEqual(MOST_CONSOLE_BYTES);
    expect(initial.filter((path) => path.includes("dagre"))).toEqual([]);
    expect(initial.every((path) => path.startsWith("assets/"))).toBe(true);
    expect(html).not.toMatch(/<script(?![^>]* src=)|<style| style=|https?:/);
  });
});
