import { describe, expect, it } from "vitest";
import { filesOf, importsOf, textOf, type Import } from "./source.ts";

const sources = filesOf().filter((path) => /\.tsx?$/.test(path));
const inside = (folder: string) => sources.filter((path) => path.startsWith(`${folder}/`));

/** What the modules of a folder may name, as beginnings of paths; types count too. */
const MAY_NAME: Readonly<Record<string, readonly string[]>> = {
  "shared/core": ["@marcbachmann/cel-js", "@standard-schema/spec"],
  "shared/ports": ["shared/core/"],
  "shared/runtime": [
    "shared/ports/",
    "shared/core/",
    "@standard-schema/spec",
    "@cfworker/json-schema",
    "zod",
  ],
  "shared/application": ["shared/core/", "zod"],
  "shared/node": ["shared/ports/", "shared/core/", "node:"],
  "shared/memory": ["shared/node/", "shared/ports/", "shared/core/", "node:"],
  "shared/sqlite": ["shared/ports/", "shared/core/", "node:"],
  "shared/aws": [
    ...["runtime", "node", "ports", "core"].map((room) => `shared/${room}/`),
    "node:",
    "zod",
    "@standard-schema/spec",
    "aws-lambda",
    "@aws-sdk/",
    "@opentelemetry/",
  ],
  "shared/adapters": [
    "shared/core/",
    // The one call of a function, and of a model.
    ...["lambda/call-function", "bedrock/bedrock-model"].map((name) => `shared/aws/${name}.ts`),
    "node:buffer",
    "node:crypto",
    "zod/mini",
    "@standard-schema/spec",
  ],
  functions: [
    ...["adapters", "aws", "runtime", "node", "application", "ports", "core"].map(
      (room) => `shared/${room}/`,
    ),
    "node:",
    "zod",
    "aws-lambda",
    "@aws-sdk/",
  ],
  infra: [
    ...["lambda/callers", "config", "observe/metrics", "names"].map((name) => `shared/aws/${name}.ts`),
    "shared/node/own-files.ts",
    "shared/application/contracts/",
    "shared/core/",
    "node:",
    "aws-cdk-lib",
    "constructs",
    "esbuild",
    "@standard-schema/spec",
    "zod",
  ],
  "shared/client": [
    ...["aws", "runtime", "node", "ports", "core"].map((room) => `shared/${room}/`),
    "node:",
    "@aws-sdk/",
    "@smithy/signature-v4",
    "zod",
  ],
  "shared/console": [
    "shared/core/",
    // A type: what the console's server answers.
    "shared/client/compare-sessions.ts",
    "preact",
    "@preact/signals",
    "@dagrejs/dagre",
  ],
  "shared/testing": [
    ...["memory", "runtime", "node", "ports", "core"].map((room) => `shared/${room}/`),
    // What it puts into words where a test fails.
    "shared/client/narration/",
    "node:assert/",
  ],
  "shared/simulator": [
    ...["testing", "memory", "runtime", "node", "ports", "core"].map((room) => `shared/${room}/`),
    "@standard-schema/spec",
  ],
  "shared/local": [
    ...["client", "aws", "sqlite", "memory", "runtime", "node", "ports", "core"].map(
      (room) => `shared/${room}/`,
    ),
    // Whose builds it keeps, and which variables it sets.
    "infra/bundling/kept-builds.ts",
    "infra/settings/variables.ts",
    "node:",
    "@aws-sdk/",
    "aws-lambda",
    "@smithy/signature-v4",
    "aws-local-stepfunctions",
    "dynalite",
    "esbuild",
    "zod",
  ],
};

/** What a module of a room names and may not. */
function strangers(room: string, imports: readonly Import[]): readonly string[] {
  const allowed = [`${room}/`, ...(MAY_NAME[room] ?? [])];
  return imports
    .filter(({ to }) => !allowed.some((start) => to === start || to.startsWith(start)))
    .map(({ from, to }) => `${from} → ${to}`);
}

describe("rooms", () => {
  it.each(Object.keys(MAY_NAME))("%s imports only what it may", (room) => {
    expect(inside(room).length).toBeGreaterThan(0);
    expect(strangers(room, inside(room).flatMap(importsOf))).toEqual([]);
  });

  it.each(Object.keys(MAY_NAME))("%s would be reported for importing a test", (room) => {
    const planted = { from: `${room}/planted.ts`, to: "test/architecture/source.ts" };
    expect(strangers(room, [planted])).toEqual([`${planted.from} → ${planted.to}`]);
  });

  it("are all listed", () => {
    const rooms = new Set(
      sources.flatMap((path) => /^(?:shared\/[^/]+|functions|infra)(?=\/)/.exec(path) ?? []),
    );
    expect([...rooms].sort()).toEqual(Object.keys(MAY_NAME).sort());
  });

  it("have an order in which every import points down", () => {
    const rooms = Object.keys(MAY_NAME);
    const roomOf = (path: string) => rooms.find((room) => path.startsWith(`${room}/`));
    const up = rooms.flatMap((room, place) =>
      inside(room)
        .flatMap(importsOf)
        .filter(({ to }) => rooms.indexOf(roomOf(to) ?? room) > place)
        .map(({ from, to }) => `${from} → ${to}`),
    );
    expect(up).toEqual([]);
  });

  it("contain imports at all", () => {
    const named = importsOf("shared/runtime/doors/create-ingress.ts").map(({ to }) => to);
    expect(named).toContain("zod/mini");
    expect(named).toContain("shared/core/errors.ts");
    expect(named).toContain("shared/runtime/session/advance-session.ts");
  });

  it("keep agents independent of each other", () => {
    const agentOf = (path: string) => /^functions\/agents\/([^/]+)\//.exec(path)?.[1];
    const crossings = inside("functions/agents")
      .flatMap(importsOf)
      .filter(({ from, to }) => agentOf(to) !== undefined && agentOf(from) !== agentOf(to));
    expect(crossings).toEqual([]);
  });

  it("reach the deployed layers without the test kit", () => {
    const kit = /^(?:shared\/(?:testing|simulator|local|client)|test|scripts)\//;
    const users = Object.keys(MAY_NAME)
      .slice(0, Object.keys(MAY_NAME).indexOf("infra") + 1)
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
