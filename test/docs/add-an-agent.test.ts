import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { KEPT_BUILDS } from "../../infra/bundling/kept-builds.ts";
import { filesOf, ROOT } from "../architecture/source.ts";
import { applyBlocks, applyDifference } from "./apply-blocks.ts";
import { blocksOf } from "./pages.ts";
import { runNode } from "./run-node.ts";

const PAGE = "docs/add-an-agent.md";

/** The template, the layers and sizes, the pages, the application in process and bundled, what was recorded of it. */
const LOOK_AT_IT = [
  ...["infra", "architecture", "scenarios", "golden", "unit/flow", "unit/flows", "unit/agents", "unit/start"],
  ...[
    "aws/agents",
    "docs/tables",
    "docs/flow-samples",
    "docs/operations",
    "docs/aws-semantics",
    "docs/security",
  ],
].map((part) => `test/${part}`);

/** A copy of the repository that shares the installed packages; the last type check's results make the next one short. */
function copyRepository(): string {
  const copy = mkdtempSync(join(tmpdir(), "event-spine-"));
  for (const path of filesOf()) {
    mkdirSync(join(copy, dirname(path)), { recursive: true });
    cpSync(join(ROOT, path), join(copy, path));
  }
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  const checked = join(ROOT, ".build");
  const others = ["mutants", "synth", "local", "compile-cache", "bundles"].map((name) => join(checked, name));
  const isCheck = (path: string) => !others.some((other) => path.startsWith(other));
  if (existsSync(checked)) cpSync(checked, join(copy, ".build"), { recursive: true, filter: isCheck });
  return copy;
}

describe("docs/add-an-agent.md", () => {
  const blocks = blocksOf(PAGE);
  const copy = copyRepository();
  // Builds of here name their packages by other paths.
  beforeAll(() => void vi.stubEnv(KEPT_BUILDS, join(copy, ".build/bundles")));
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(copy, { recursive: true, force: true });
  });

  it("adds a contract, a function, a line in a flow and one in the stack, nothing else", () => {
    expect(blocks.map(({ language, title }) => `${language} ${title ?? ""}`)).toEqual([
      "ts shared/application/contracts/sentiment.ts",
      "ts functions/agents/sentiment/sentiment-agent.ts",
      "ts functions/agents/sentiment/handler.ts",
      "diff shared/application/flows/customer-care.ts",
      "diff infra/stacks/customer-care-stack.ts",
    ]);
    const changed = blocks.filter(({ language }) => language === "diff").map(({ text }) => text.split("\n"));
    const added = changed.flat().filter((line) => /^[-+]/.test(line));
    expect(added.filter((line) => !line.startsWith("+import "))).toEqual([
      "+    step(sentiment, { fallback: fallback.skip() }),",
      '+        sentiment: agent("sentiment"),',
    ]);
    applyBlocks(copy, blocks);
  });

  it("keeps types, lint and formatting clean", { timeout: 600_000 }, async () => {
    const changed = blocks.flatMap(({ title }) => title ?? []);
    const tools = [
      ["node_modules/typescript/bin/tsc", "-b"],
      ["node_modules/eslint/bin/eslint.js", ...changed],
      ["node_modules/prettier/bin/prettier.cjs", "--check", "--log-level", "warn", ...changed],
    ];
    for (const tool of tools) expect(await runNode(tool, copy)).toEqual({ code: 0, output: "" });
  });

  it("keeps every function within its budget", { timeout: 240_000 }, async () => {
    const { code, output } = await runNode(["scripts/sizes.ts"], copy);
    expect(output).toMatch(/^agent-sentiment/m);
    expect(code, output).toBe(0);
  });

  it("keeps all tests green that use the application", { timeout: 1_800_000 }, async () => {
    const vitest = [
      "node_modules/vitest/vitest.mjs",
      "run",
      "--mode",
      "quick",
      "--reporter",
      "dot",
      "--silent=true",
    ];
    const { code, output } = await runNode([...vitest, ...LOOK_AT_IT], copy);
    expect(code, output).toBe(0);
    // In colour, where the terminal has any.
    expect(output).toMatch(/Tests .*\d+ passed/);
  });

  // The template and its bundles are made anew.
  it("results in an application in which the new agent answers", { timeout: 240_000 }, async () => {
    const { code, output } = await runNode(["scripts/start.ts", "--once"], copy);
    expect(output).toMatch(/sentiment\s+answers \{mood: "upset"\}/);
    expect(output).toMatch(/sentiment\s+answers \{mood: "calm"\}/);
    expect(output).toMatch(/ 0 gaps, 0 duplicates, 0 lost/);
    expect(code).toBe(0);
  });
});

describe("applying a diff", () => {
  it("replaces each place with the page's text", () => {
    expect(applyDifference("x", "a\nb\nc\n", " a\n-b\n+B\n@@\n c\n+d\n")).toBe("a\nB\nc\nd\n");
  });

  it("rejects a place that is missing or ambiguous", () => {
    expect(() => applyDifference("x", "a\n", "-b\n+c\n")).toThrow("0 places");
    expect(() => applyDifference("x", "a\nb\na\n", "-a\n+c\n")).toThrow("2 places");
  });
});
