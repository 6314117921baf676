import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { buildFunction } from "../../infra/bundling/build-function.ts";
import { BUDGETS, bundle, FUNCTION_BUDGETS } from "../../scripts/sizes/bundle.ts";
import { filesOf, ROOT, textOf } from "./source.ts";

/** Where a name that begins with # leads. */
const ROOMS: Readonly<Record<string, string>> = (
  JSON.parse(textOf("package.json")) as { readonly imports: Readonly<Record<string, string>> }
).imports;
const packageOf = (path: string) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
const layerOf = (path: string) => /^(?:shared\/)?[^/]+/.exec(path)?.[0];
const unique = (values: readonly (string | undefined)[]) =>
  [...new Set(values.filter((value) => value !== undefined))].sort();

describe.each(BUDGETS)("the bundle of $name", async ({ modules, mostBytes }) => {
  const { bytes, inputs, external } = await bundle(modules);
  const ours = inputs.filter((path) => packageOf(path) === undefined);
  const isCore = modules.every((path) => path.startsWith("shared/core/"));

  it("stays within its budget", () => {
    expect(bytes).toBeGreaterThan(500);
    expect(bytes, `${bytes} bytes of ${mostBytes}`).toBeLessThanOrEqual(mostBytes);
  });

  it("contains only its allowed layers and no module of Node", () => {
    const allowed = isCore ? ["shared/core"] : ["shared/core", "shared/ports", "shared/runtime"];
    expect(unique(ours.map(layerOf)).filter((layer) => !allowed.includes(layer))).toEqual([]);
    expect(external).toEqual([]);
  });

  it("contains only its allowed packages", () => {
    // The last one is loaded on demand: no handler has it at init.
    const runtime = ["@marcbachmann/cel-js", "zod", "@cfworker/json-schema"];
    const allowed = isCore ? ["@marcbachmann/cel-js"] : runtime;
    expect(unique(inputs.map(packageOf)).filter((name) => !allowed.includes(name))).toEqual([]);
  });
});

const LATE = /client-(s3|bedrock|secrets)|credential|aws-cdk|json-schema/;

describe.each(FUNCTION_BUDGETS)("the code that $name loads at init", ({ name, entry, mostBytes }) => {
  const { initBytes, initInputs } = buildFunction(`${ROOT}/functions/${entry}`);
  const packages = unique(initInputs.map(packageOf));

  it("stays within its budget", () => {
    expect(initBytes).toBeGreaterThan(50_000);
    expect(initBytes, `${initBytes} bytes of ${mostBytes}`).toBeLessThanOrEqual(mostBytes);
  });

  it("contains no OpenTelemetry, which loads on demand", () => {
    const telemetry = packages.filter((name) => name.startsWith("@opentelemetry/"));
    expect(telemetry).toEqual([]);
    const { files } = buildFunction(`${ROOT}/functions/${entry}`);
    expect(files.map(({ path }) => path)).toContain("otel-spans.mjs");
  });

  it("contains none of the application's code, except for an agent's own contract", () => {
    const its = (path: string) => /^shared\/(contracts|flows)\//.test(path);
    if (!entry.startsWith("agents/")) expect(initInputs.filter(its)).toEqual([]);
  });

  it("contains no test kit, no infrastructure, no linter, and no client that loads on demand", () => {
    const layers = unique(initInputs.filter((path) => packageOf(path) === undefined).map(layerOf));
    expect(layers).toContain("shared/aws");
    const strangers = [
      "infra",
      "scripts",
      "test",
      ...["testing", "memory", "sqlite", "client", "simulator", "local"].map((room) => `shared/${room}`),
    ];
    expect(layers.filter((layer) => strangers.includes(layer))).toEqual([]);
    expect(initInputs.filter((path) => path.startsWith("shared/core/flow/lint"))).toEqual([]);
    const late = name === "agent-documents" ? /client-bedrock|credential|aws-cdk|json-schema/ : LATE;
    expect(packages.filter((one) => late.test(one))).toEqual([]);
  });
});

describe("imports", () => {
  it("form no cycle", async () => {
    const { inputs } = (
      await build({
        entryPoints: filesOf().filter((path) => path.endsWith(".ts")),
        absWorkingDir: ROOT,
        bundle: true,
        write: false,
        metafile: true,
        packages: "external",
        format: "esm",
        // Otherwise every entry is written with all that it imports, which takes twenty seconds.
        splitting: true,
        platform: "node",
        outdir: "out",
        logLevel: "silent",
        // Ours begin with #, which esbuild would take for packages.
        alias: Object.fromEntries(
          Object.entries(ROOMS).map(([name, path]) => [
            name.replace("/*", ""),
            `${ROOT}/${path.replace("./", "").replace("/*", "")}`,
          ]),
        ),
      })
    ).metafile;
    const graph = new Map(
      Object.entries(inputs).map(([path, { imports }]) => [
        path,
        imports.filter((one) => one.external !== true).map((one) => one.path),
      ]),
    );
    expect(graph.get("shared/runtime/doors/create-door.ts")).toContain("shared/core/errors.ts");
    expect(circlesIn(graph)).toEqual([]);
  });

  it("would be reported if they formed a cycle", () => {
    const graph = new Map([
      ["a", ["b"]],
      ["b", ["c"]],
      ["c", ["b"]],
    ]);
    expect(circlesIn(graph)).toEqual(["b → c → b"]);
  });
});

/** Each circle once, from where a walk in depth first met it. */
function circlesIn(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (node: string): void => {
    const seen = path.indexOf(node);
    if (seen >= 0) circles.push([...path.slice(seen), node].join(" → "));
    if (seen >= 0 || done.has(node)) return;
    path.push(node);
    for (const next of graph.get(node) ?? []) visit(next);
    path.pop();
    done.add(node);
  };
  for (const node of graph.keys()) visit(node);
  return circles;
}
