import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { API_PAGE, ENTRIES } from "../../scripts/build/package-files.ts";
import { publicApi } from "../../scripts/build/public-api.ts";
import { ROOT, textOf } from "../architecture/source.ts";
import { runNode } from "../docs/run-node.ts";
import { npm, packProject } from "./pack.ts";

const MB = 1_000_000;
const bin = (path: string): string => join(ROOT, "node_modules", path);
/** What users bring themselves: a CDK app, what loads it, a compiler, a test runner, and what the local runtime stands on. */
const BROUGHT = [
  ...["aws-cdk-lib", "constructs", "tsx", "typescript", "@types/node", "vitest"],
  ...["dynalite", "aws-local-stepfunctions"],
];

const folder = mkdtempSync(join(tmpdir(), "spine-package-"));
let tarball: string;
/** An empty folder, but for the files of somebody who uses the package, which is installed in it. */
const consumer = join(folder, "consumer");

function install(): void {
  cpSync(join(import.meta.dirname, "consumer"), consumer, { recursive: true });
  writeFileSync(join(consumer, "package.json"), JSON.stringify({ private: true, type: "module" }));
  npm(["install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", tarball], consumer);
}

/** As npm would put it beside the package; a link, since CDK alone has 160 MB. */
function bring(name: string): void {
  const place = join(consumer, "node_modules", name);
  mkdirSync(dirname(place), { recursive: true });
  if (!existsSync(place)) symlinkSync(bin(name), place);
}

const sizeOf = (path: string): number =>
  statSync(path).isDirectory()
    ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
    : statSync(path).size;

beforeAll(async () => {
  tarball = await packProject(folder);
  install();
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000);

describe("the tarball", () => {
  it("contains the built files and its documents", () => {
    const listed = execFileSync("tar", ["tzf", tarball], { encoding: "utf8" }).trim().split("\n");
    const strangers = listed.filter(
      (path) =>
        !/^package\/(?:dist\/.+\.(?:js|d\.ts)|dist\/shared\/local\/lambda\/python-process\.py|docs\/examples\/python-agent\/.+\.(?:py|json|toml|typed)|dist\/console\/.+\.(?:html|css|svg|txt)|(?:README|CHANGELOG|SECURITY)\.md|LICENSE|package\.json)$/.test(
          path,
        ),
    );
    expect(strangers).toEqual([]);
    expect(listed).toContain("package/dist/console/index.html");
    expect(listed).toContain("package/dist/shared/local/lambda/python-process.py");
    expect(listed).toContain("package/docs/examples/python-agent/event_spine/py.typed");
    expect(listed).toContain("package/dist/console/licences.txt");
    for (const source of Object.values(ENTRIES)) {
      expect(listed).toContain(`package/dist/${source.replace(".ts", ".js")}`);
      expect(listed).toContain(`package/dist/${source.replace(".ts", ".d.ts")}`);
    }
    expect(statSync(tarball).size).toBeLessThan(1.5 * MB);
  });

  it("passes publint and @arethetypeswrong/cli", async () => {
    const linted = await runNode([bin("publint/src/cli.js"), "run", tarball, "--strict"]);
    expect(linted.output).toContain("All good!");
    const checked = await runNode([
      bin("@arethetypeswrong/cli/dist/index.js"),
      ...["--profile", "esm-only", "--format", "ascii", "--no-emoji", tarball],
    ]);
    expect(checked).toMatchObject({ code: 0 });
  });

  it("has the reviewed public names, types and defaults", () => {
    expect(publicApi(ROOT), `npm run build && npm run api writes ${API_PAGE}`).toBe(textOf(API_PAGE));
  });
});

describe("the package in an empty folder", () => {
  it("is small without CDK, runs the first example in plain Node, and contains all its entries", async () => {
    expect(sizeOf(join(consumer, "node_modules"))).toBeLessThan(60 * MB);
    expect(await runNode(["hello.mjs"], consumer)).toEqual({ code: 0, output: "{ text: 'Hello Ada' }\n" });
    const { output } = await runNode(["entries.mjs"], consumer);
    expect(output.trim().split("\n")).toHaveLength(16);
    expect(output).not.toContain("false");
    const help = await runNode(["node_modules/event-spine/dist/scripts/spine.js", "--help"], consumer);
    expect(help).toMatchObject({ code: 0 });
    expect(help.output).toMatch(/^npx event-spine COMMAND/);
    expect(help.output).toContain("cost SESSION [--json]");
    BROUGHT.forEach(bring);
  });

  it.each([
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ])(
    "compiles in the strictest mode, modules %s with resolution %s",
    async (module, moduleResolution) => {
      const flags = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true };
      const compilerOptions = {
        ...flags,
        skipLibCheck: false,
        noEmit: true,
        target: "es2023",
        module,
        moduleResolution,
        allowImportingTsExtensions: true,
        types: ["node"],
      };
      const files = [
        ...["types.ts", "cdk.ts", "local.ts", "agents/greeter.ts", "agents/closer.ts"],
        ...["greeting.spec.ts", "faults.spec.ts", "faults.node.ts", "matchers.spec.ts"],
      ];
      const project = join(consumer, `${module}.json`);
      writeFileSync(project, JSON.stringify({ compilerOptions, files }));
      const { output } = await runNode(["node_modules/typescript/bin/tsc", "-p", project], consumer);
      // CDK's own declarations break rules of the strictest mode.
      const ours = output
        .split("\n")
        .filter((line) => /^\S.*: error /.test(line) && !/node_modules\/(?!event-spine\/)/.test(line));
      expect(ours).toEqual([]);
    },
    120_000,
  );

  it("tests two custom agents with vitest", async () => {
    const { code, output } = await runNode(
      [bin("vitest/vitest.mjs"), "run", "--root", consumer, "--reporter", "verbose"],
      consumer,
    );
    expect(output).toContain("greets and says goodbye");
    expect(output).toContain("greets in the end although the greeter fails twice");
    expect(code).toBe(0);
  });

  it("tests them with node:test", async () => {
    const { code, output } = await runNode(["--test", "--test-reporter=tap", "faults.node.ts"], consumer);
    expect(output).toMatch(/^# pass 3$/m);
    expect(code).toBe(0);
  });

  it("runs two custom agents on this machine, as they would be deployed", async () => {
    const { code, output } = await runNode(["local.ts"], consumer);
    expect(output).toContain("{ text: 'Hello Ada. Goodbye!' }");
    expect(code).toBe(0);
  }, 120_000);

  it("deploys two custom agents, whatever loads the app", async () => {
    const templates = await Promise.all(
      [["cdk.ts"], ["node_modules/tsx/dist/cli.mjs", "cdk.ts"]].map(async (args, at) => {
        const outdir = join(consumer, `out-${at}`);
        const ran = await runNode(args, consumer, { CDK_OUTDIR: outdir, CDK_VALIDATION: "false" });
        expect(ran.code, ran.output).toBe(0);
        return JSON.parse(readFileSync(join(outdir, "Greetings.template.json"), "utf8")) as {
          readonly Resources: Readonly<
            Record<string, { readonly Properties?: { readonly FunctionName?: unknown } }>
          >;
        };
      }),
    );
    const [plain, tsx] = templates;
    const names = Object.values(plain?.Resources ?? {}).flatMap(
      ({ Properties }) => Properties?.FunctionName ?? [],
    );
    expect(names).toEqual(expect.arrayContaining(["spine-agent-greeter", "spine-agent-closer"]));
    expect(tsx).toEqual(plain);
  }, 120_000);
});
