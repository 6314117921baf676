import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { FROM } from "../../scripts/add/framework-agents.ts";
import { ROOT } from "../architecture/source.ts";
import { NODE, runNode } from "../docs/run-node.ts";
import { npm, packCreate, packProject } from "./pack.ts";

/*
 * The way of somebody who has nothing: two tarballs and a registry. Each step prints what it took; nothing of that is asserted.
 */

const folder = mkdtempSync(join(tmpdir(), "spine-newcomer-"));
const app = join(folder, "my-app");
const COMMAND = "node_modules/event-spine/dist/scripts/spine.js";
const QUIET = ["--prefer-offline", "--no-audit", "--no-fund"];

let tarballs: { readonly spine: string; readonly create: string };
let dev: ChildProcess | undefined;
let printed = "";
let url = "";

const spine = (...args: readonly string[]) => runNode([COMMAND, ...args], app);

async function timed<T>(step: string, work: () => Promise<T> | T): Promise<T> {
  const began = performance.now();
  const result = await work();
  process.stdout.write(`  ${step}: ${((performance.now() - began) / 1_000).toFixed(1)} s\n`);
  return result;
}

function hasPrinted(text: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (text.test(printed)) resolve(printed);
    };
    dev?.stdout?.on("data", look);
    dev?.once("close", () => reject(new Error(`dev ended: ${printed}`)));
    look();
  });
}

function startDev(...args: readonly string[]): Promise<string> {
  printed = "";
  const path = `${join(ROOT, "node_modules/.bin")}${delimiter}${process.env["PATH"] ?? ""}`;
  dev = spawn(NODE, [COMMAND, "dev", "--port", "0", "--console-port", "0", ...args], {
    cwd: app,
    env: { ...process.env, PATH: path },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [dev.stdout, dev.stderr])
    stream?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  return hasPrinted(/Stop with Ctrl-C/);
}

async function ask(session: string): Promise<unknown> {
  const answer = await fetch(`${url}/sessions/${session}/events`, {
    method: "POST",
    headers: { "content-type": "application/json", prefer: "wait=10" },
    body: JSON.stringify({ type: "HelloAsked", data: { who: "Ada" } }),
  });
  return answer.json();
}

/** The files that somebody has written, by hand or by command, and their texts. */
const authored = (): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(app, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !/\/(?:node_modules|\.event-spine|\.build|cdk\.out)\/|package-lock/.test(path))
      .map((path) => [path.slice(app.length + 1), readFileSync(path, "utf8")]),
  );

beforeAll(async () => {
  tarballs = await timed("pack both packages", async () => ({
    spine: await packProject(folder),
    create: packCreate(folder),
  }));
}, 300_000);
afterAll(() => {
  dev?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}, 300_000);

it("creates an application in an empty folder, and installs its packages", { timeout: 300_000 }, async () => {
  await timed("npm create, with npm install", () =>
    npm(
      [
        "exec",
        "--yes",
        ...QUIET,
        `--package=${tarballs.create}`,
        "--",
        "create-event-spine",
        "my-app",
        "--event-spine",
        `file:${tarballs.spine}`,
      ],
      folder,
    ),
  );
  expect(existsSync(join(app, "node_modules/event-spine"))).toBe(true);
  const { code, output } = await timed("npm test", () => runNode(["--test"], app));
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringMatching(/pass 1\n/) as string });
});

it("runs it with dev, and answers at the address that is printed", { timeout: 60_000 }, async () => {
  const greeting = await timed("dev, until it is ready", startDev);
  url = / at (http:\/\/\S+)/.exec(greeting)?.[1] ?? "";
  expect(await timed("an event, and its reply", () => ask("first"))).toMatchObject({
    reply: { body: { text: "Hello Ada" } },
  });
  const { output } = await spine("send", "second", "HelloAsked", "--data", '{"who":"Grace"}');
  expect(output).toContain("Hello Grace");
});

it("adds an agent that is live at once, in three files", { timeout: 60_000 }, async () => {
  const before = authored();
  await timed("add agent, until it is live", async () => {
    const { code, output } = await spine("add", "agent", "summary");
    expect({ code, output }).toMatchObject({ code: 0 });
    await hasPrinted(/restarted: summary/);
  });
  const touched = [...authored()].filter(([path, text]) => before.get(path) !== text).map(([path]) => path);
  expect(touched.toSorted()).toEqual(["agents/summary.ts", "spine.ts", "test/summary.test.ts"]);
  expect(await ask("third")).toMatchObject({ reply: { body: { text: "Hello Ada" } } });

  // What the console's lanes are drawn of.
  const [, page = "", token = ""] = /console: (http:\/\/\S+?)\/#token=(\S+)/.exec(printed) ?? [];
  const headers = { authorization: `Bearer ${token}` };
  const outline = await (await fetch(`${page}/api/sessions/third/outline`, { headers })).text();
  expect(outline).toContain('"summary"');
  expect(await (await fetch(page)).text()).toContain("<title>");
});

it("keeps its sessions over a restart", { timeout: 60_000 }, async () => {
  dev?.kill("SIGINT");
  await new Promise((resolve) => dev?.once("close", resolve));
  expect(await startDev()).toMatch(/3 sessions/);
  dev?.kill("SIGINT");
  await new Promise((resolve) => dev?.once("close", resolve));
});

it(
  "adds an agent on each adapter of the package, whose framework need not be there",
  { timeout: 60_000 },
  async () => {
    const kept = authored();
    for (const from of FROM)
      expect(await spine("add", "agent", `my-${from}`, "--from", from)).toMatchObject({ code: 0 });
    const { code, output } = await runNode(["--test"], app);
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(await runNode(["node_modules/typescript/bin/tsc"], app)).toEqual({ code: 0, output: "" });
    for (const path of authored().keys()) if (!kept.has(path)) rmSync(join(app, path));
    for (const [path, text] of kept) writeFileSync(join(app, path), text);
  },
);

it("passes its tests and its types with a flow more", { timeout: 120_000 }, async () => {
  expect(await spine("add", "flow", "refund")).toMatchObject({ code: 0 });
  const { code, output } = await runNode(["--test"], app);
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringMatching(/pass 3\n/) as string });
  const types = await timed("npm run typecheck", () => runNode(["node_modules/typescript/bin/tsc"], app));
  expect(types).toEqual({ code: 0, output: "" });
});

it("brings what it takes to deploy, and synthesizes", { timeout: 600_000 }, async () => {
  const added = await timed("add aws", () => spine("add", "aws"));
  expect(added).toMatchObject({ code: 0 });
  await timed("npm install of the CDK", () => npm(["install", ...QUIET], app));
  expect((await runNode(["--test"], app)).code).toBe(0);
  expect(await runNode(["node_modules/typescript/bin/tsc"], app)).toEqual({ code: 0, output: "" });
  // Holding the template against CloudFormation's schemas takes as long again; a test of the app does so.
  await timed("npm run synth", () => npm(["run", "synth"], app, { CDK_VALIDATION: "false" }));
  const template = readFileSync(join(app, "cdk.out/MyApp.template.json"), "utf8");
  expect(template).toContain("spine-agent-hello");
  expect(template).toContain("spine-agent-summary");
});

it("runs the same application as it would be deployed", { timeout: 300_000 }, async () => {
  const greeting = await timed("dev --aws, until it is ready", () => startDev("--aws"));
  url = / at (http:\/\/\S+)/.exec(greeting)?.[1] ?? "";
  const answer = await timed("an event, and its reply, where each function starts", () => ask("fourth"));
  expect(answer).toMatchObject({ reply: { body: { text: "Hello Ada" } } });
  const { output } = await spine("dead-letters", "list");
  expect(output).toContain("No dead letter");
  dev?.kill("SIGINT");
  await new Promise((resolve) => dev?.once("close", resolve));
  await timed("dev --aws, started again", () => startDev("--aws"));
  dev?.kill("SIGINT");
  await new Promise((resolve) => dev?.once("close", resolve));
});

it("adds no agent twice, and none where the module has another shape", async () => {
  const before = authored();
  const twice = await spine("add", "agent", "summary");
  expect(twice).toMatchObject({ code: 2, output: expect.stringContaining("NAME:") as string });
  writeFileSync(join(app, "other.ts"), "export {};\n");
  expect(await spine("add", "agent", "late", "--app", "other.ts")).toMatchObject({ code: 2 });
  rmSync(join(app, "other.ts"));
  expect(authored()).toEqual(before);
});
