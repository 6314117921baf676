import { describe, expect, it } from "vitest";
import { filesOf, importsOf, textOf } from "./source.ts";

const sources = filesOf().filter((path) => path.endsWith(".ts"));
const inside = (folder: string) => sources.filter((path) => path.startsWith(`${folder}/`));

/** What the modules of a folder may name, as beginnings of paths; types count too. */
const MAY_NAME: Readonly<Record<string, readonly string[]>> = {
  "shared/core": ["shared/core/", "@marcbachmann/cel-js", "@standard-schema/spec"],
  "shared/ports": ["shared/ports/", "shared/core/"],
  "shared/runtime": [
    "shared/runtime/",
    "shared/ports/",
    "shared/core/",
    "@standard-schema/spec",
    "@cfworker/json-schema",
    "zod",
  ],
  "shared/application/contracts": ["shared/application/contracts/", "shared/core/", "zod"],
  "shared/application/flows": [
    "shared/application/flows/",
    "shared/application/contracts/",
    "shared/core/",
    "zod",
  ],
  "shared/node": ["shared/node/", "shared/ports/", "shared/core/", "node:"],
  "shared/memory": ["shared/memory/", "shared/node/", "shared/ports/", "shared/core/", "node:"],
  "shared/sqlite": ["shared/sqlite/", "shared/ports/", "shared/core/", "node:"],
  "shared/aws": [
    "shared/aws/",
    "shared/runtime/",
    "shared/node/",
    "shared/ports/",
    "shared/core/",
    "node:",
    "zod",
    "@standard-schema/spec",
    "aws-lambda",
    "@aws-sdk/",
    "@opentelemetry/",
  ],
  functions: [
    "functions/",
    "shared/aws/",
    "shared/runtime/",
    "shared/node/",
    "shared/application/contracts/",
    "shared/application/flows/",
    "shared/ports/",
    "shared/core/",
    "node:",
    "zod",
    "aws-lambda",
    "@aws-sdk/",
  ],
  infra: [
    "infra/",
    ...["bundling", "callers", "config", "metrics", "names"].map((name) => `shared/aws/${name}.ts`),
    "shared/application/contracts/",
    "shared/core/",
    "node:",
    "aws-cdk-lib",
    "constructs",
    "esbuild",
    "@standard-schema/spec",
    "zod",
  ],
};

describe("layers", () => {
  it.each(Object.entries(MAY_NAME))("%s names what it may and nothing else", (folder, allowed) => {
    const strangers = inside(folder)
      .flatMap(importsOf)
      .filter(({ to }) => !allowed.some((start) => to === start || to.startsWith(start)))
      .map(({ from, to }) => `${from} → ${to}`);
    expect(strangers).toEqual([]);
  });

  it("finds imports at all", () => {
    const named = importsOf("shared/runtime/doors/create-ingress.ts").map(({ to }) => to);
    expect(named).toContain("zod/mini");
    expect(named).toContain("shared/core/errors.ts");
    expect(named).toContain("shared/runtime/session/advance-session.ts");
  });

  it("keeps agents apart from one another", () => {
    const agentOf = (path: string) => /^functions\/agents\/([^/]+)\//.exec(path)?.[1];
    const crossings = inside("functions/agents")
      .flatMap(importsOf)
      .filter(({ from, to }) => agentOf(to) !== undefined && agentOf(from) !== agentOf(to));
    expect(crossings).toEqual([]);
  });

  it("reaches the deployed layers without the test kit", () => {
    const kit = /^(?:shared\/testing|test|scripts)\//;
    const users = Object.keys(MAY_NAME)
      .flatMap(inside)
      .flatMap(importsOf)
      .filter(({ to }) => kit.test(to));
    expect(users).toEqual([]);
  });
});

describe("time and chance", () => {
  const IMPURE = /\bMath\s*\.\s*random\b|\bDate\s*\.\s*now\b|\bnew Date\(\s*\)|\bperformance\s*\.\s*now\b/;

  it.each([
    "shared/core",
    "shared/ports",
    "shared/runtime",
    "shared/application/contracts",
    "shared/application/flows",
  ])("enter %s as data only", (folder) => {
    expect(inside(folder).length).toBeGreaterThan(0);
    expect(inside(folder).filter((path) => IMPURE.test(textOf(path)))).toEqual([]);
  });
});
