import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SessionState } from "#core/session/state.ts";
import { synthesize } from "#local/synth.ts";
import { childrenOf, isAlive, runScript, startScript, type Running } from "../support/run-script.ts";

const data = mkdtempSync(join(tmpdir(), "event-spine-"));
let running: Running;
let url: string;

const spine = (...args: readonly string[]) => runScript("spine.ts", [...args, "--local", data]);
/** The lines of a command that did what it was asked. */
async function linesOf(...args: readonly string[]): Promise<readonly string[]> {
  const { status, stdout, stderr } = await spine(...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.trimEnd().split("\n");
}

async function start(): Promise<string> {
  running = startScript("start.ts", ["--data", data, "--port", "0", "--samples"]);
  const printed = await running.hasPrinted(/Stop with Ctrl-C/);
  url = /listens on (http:\/\/\S+?),/.exec(printed)?.[1] ?? "";
  return printed;
}

const stateAt = async (session: string, at?: number): Promise<SessionState> =>
  (await (
    await fetch(`${url}/sessions/${session}/state${at === undefined ? "" : `?at=${at}`}`)
  ).json()) as SessionState;

async function statesOf(session: string): Promise<readonly SessionState[]> {
  const { sequence } = await stateAt(session);
  return Promise.all(Array.from({ length: sequence }, (_, index) => stateAt(session, index + 1)));
}

beforeAll(async () => {
  await synthesize();
  await start();
}, 240_000);
afterAll(async () => {
  running.child.kill("SIGKILL");
  await running.ended;
  rmSync(data, { recursive: true });
});

describe("npm run spine", () => {
  it("sends an event with only a text, and prints the reply", async () => {
    const lines = await linesOf(
      "send",
      "demo",
      "MessageReceived",
      "--text",
      "I'd like to book a boiler service",
    );
    expect(lines[0]).toMatch(/^Accepted as event 1 of demo\. The reply, event \d+:$/);
    expect(lines.join("\n")).toMatch(/Hello Guest\. When would you like us to come\?/);
  });

  it("prices the session from its log", async () => {
    const [head] = await linesOf("cost", "demo");
    expect(head).toMatch(
      /^Session demo: \d+ events in \d+ commits cost about \$0\.0000\d+ on AWS, by its log\.$/,
    );
    const [json = ""] = await linesOf("cost", "demo", "--json");
    expect(JSON.parse(json)).toMatchObject({ session: "demo", lines: expect.any(Array) as unknown });
  });

  it("accepts an event once, whatever id it has", async () => {
    const event = ["send", "twice", "MessageReceived", "--data", '{"text":"Hello"}', "--id", "m1"];
    const first = await linesOf(...event, "--facts", '{"who":"Ada"}', "--wait", "0");
    expect(first.join()).toMatch(/^Accepted as event 1 of twice\. Its reply will be in the log/);
    expect(await linesOf(...event, "--facts", '{"who":"Ada"}', "--wait", "0")).toEqual(first);
    const other = await spine(...event, "--facts", '{"who":"Grace"}', "--wait", "0");
    expect(other).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(/^spine: .*m1.*\n$/),
    });
  });

  it("shows a session's timeline and context, and its state at any event", async () => {
    const lines = await linesOf("show", "sample-moved");
    expect(lines[0]).toMatch(/^━━ sample-moved ━+$/);
    expect(lines.join("\n")).toMatch(/ 1 +0 +samples +MessageReceived message-1: "Hi, could someone/);
    expect(lines.join("\n")).toMatch(/scheduling +\{outcome: "moved"/);
    const [state = ""] = await linesOf("show", "sample-moved", "--at", "4", "--json");
    expect(JSON.parse(state)).toMatchObject({ sequence: 4, context: { session: { who: "Grace Hopper" } } });
  });

  it("explains why an agent was retried, for any event that the input caused", async () => {
    const lines = await linesOf("show", "sample-retried");
    const [, sequence = ""] = /^ +(\d+) .* calls documents again/.exec(
      lines.find((line) => line.includes("calls documents again")) ?? "",
    ) ?? [""];
    const reasons = (await linesOf("explain", "sample-retried", sequence)).join("\n");
    expect(reasons).toMatch(/^ +\d+ {2}documents +times out$/m);
    expect(reasons).toMatch(/^ +\d+ {2}spine +calls documents again in \d+ ms$/m);
    const state = JSON.parse(
      (await linesOf("show", "sample-retried", "--at", "4", "--json")).join(""),
    ) as SessionState;
    const [run = ""] = Object.keys(state.runs);
    expect((await linesOf("explain", "sample-retried", "--run", run)).join("\n")).toContain(reasons);
  });

  it("shows why a flow was started, what an agent saw, and where two sessions part", async () => {
    expect((await linesOf("why", "demo", "1")).join("\n")).toMatch(
      /Which flows does the event start\?\n {2}[\w-]+ +taken/,
    );
    const [json = ""] = await linesOf("why", "demo", "1", "--json");
    const { events } = JSON.parse(json) as {
      readonly events: readonly { readonly type: string; readonly data: { readonly task?: string } }[];
    };
    const task = events.find(({ type }) => type === "TaskCreated")?.data.task ?? "";
    expect((await linesOf("view", "demo", task))[0]).toMatch(/^Attempt 1 of \w+ \(plan.*\) saw the session/);
    expect((await linesOf("compare", "demo", "sample-moved"))[0]).toMatch(/^They part at /);
    expect((await linesOf("compare", "demo", "demo"))[0]).toMatch(/^All \d+ steps came to the same\.$/);
  });

  it("exports a session, which this tree decides as it was", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "export-")), "moved.json");
    expect((await linesOf("export", "sample-moved", "--out", file)).join()).toMatch(
      /^Wrote .*moved\.json: \d+/,
    );
    const { status, stdout } = await runScript("replay-check.ts", [file]);
    expect(stdout).toMatch(/^1 sessions, \d+ decisions: 0 would be others now\n$/);
    expect(status).toBe(0);
  });

  it("lists the questions to a person, and answers one", async () => {
    await linesOf("send", "asked", "MessageReceived", "--text", "Hello there", "--wait", "0");
    const tail = startScript("spine.ts", ["tail", "asked", "--local", data]);
    await tail.hasPrinted(/asks a person/);
    expect((await linesOf("explain", "asked")).join("\n")).toMatch(/waits for a person to answer/);
    const [ask = ""] = (await linesOf("answer", "asked"))[0]?.split(" ") ?? [];
    const answered = await linesOf("answer", "asked", ask, '{"decision":"answer","note":"Good morning."}');
    expect(answered.join("\n")).toMatch(/The reply, event \d+:\n\nHello Guest\. Good morning\./);
    expect(await linesOf("answer", "asked")).toEqual(["asked has no open question."]);
    // It was told while it happened, and ends when it is asked to.
    await tail.hasPrinted(/customer-care has ended/);
    tail.child.kill("SIGINT");
    expect((await tail.ended).status).toBe(0);
  });

  it.each([
    [["show", "nobody"], 1, "Session nobody has received no events. Send it an event first."],
    [["explain", "demo", "9999"], 1, /SEQ: demo has no event 9999\. Give 1 to \d+\./],
    [
      ["explode"],
      2,
      '"explode": unknown command. Use one of dev, add, send, sessions, show, tail, explain, why, view, compare, fork, export, cost, scores, answer, cancel, stop, dead-letters, console, mcp, a2a, unpark, republish, rebuild-index, erase, logged, draw, documents.',
    ],
  ])("%j fails in one line with a repair", async (args, status, message) => {
    const ran = await spine(...args);
    expect(ran).toMatchObject({ status, stdout: "" });
    expect(ran.stderr).toMatch(/^spine: .*\n$/);
    expect(ran.stderr.slice("spine: ".length, -1)).toMatch(message);
  });

  it("signs its requests to an ingress that requires a caller", async () => {
    const file = JSON.parse(readFileSync(join(data, "running.json"), "utf8")) as {
      readonly ingressUrl: string;
      readonly environment: Readonly<Record<string, string>>;
    };
    const { AWS_ACCESS_KEY_ID: user = "", AWS_SECRET_ACCESS_KEY: secret = "" } = file.environment;
    const deployed = ["show", "demo", "--json", "--ingress", file.ingressUrl, "--region", "us-east-1"];
    const bare = { AWS_EC2_METADATA_DISABLED: "true", AWS_PROFILE: undefined, HOME: data };
    const nobody = await runScript("spine.ts", deployed, {
      env: { ...bare, AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
    });
    expect(nobody).toMatchObject({ status: 1, stderr: expect.stringMatching(/^spine: No AWS credentials/) });
    const as = (AWS_ACCESS_KEY_ID: string, AWS_SECRET_ACCESS_KEY: string) =>
      runScript("spine.ts", deployed, { env: { ...bare, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } });
    const refused = {
      status: 1,
      stderr: expect.stringMatching(/^spine: The ingress rejected these credentials \(403\)/) as string,
    };
    expect(await as("stranger", secret)).toMatchObject(refused);
    expect(await as(user, "x")).toMatchObject(refused);
    expect(JSON.parse((await as(user, secret)).stdout)).toMatchObject({ session: "demo" });
  });
});

it("continues after kill -9 where it was, with the same state at every sequence", async () => {
  const booking = ["send", "cut", "MessageReceived", "--text", "Could a plumber come one morning next week?"];
  await linesOf("send", "open", "MessageReceived", "--text", "Hello there", "--wait", "0");
  const asks = async () => (await linesOf("answer", "open"))[0];
  await expect.poll(asks, { timeout: 30_000 }).toMatch(/What does the customer want/);
  await linesOf(...booking, "--id", "m1", "--wait", "0");
  const before = { open: await statesOf("open"), cut: await statesOf("cut") };
  running.child.kill("SIGKILL");
  await running.ended;
  expect(await spine("show", "cut")).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^spine: The spine of process \d+ ended without removing/),
  });

  expect(await start()).toMatch(/The log holds \d+ sessions; unfinished ones continue\./);
  // The same event again waits for the reply that the first process did not live to give.
  expect((await linesOf(...booking, "--id", "m1")).join("\n")).toMatch(/event 1 of cut.*plumbing visit/s);
  const [ask = ""] = (await linesOf("answer", "open"))[0]?.split(" ") ?? [];
  const answered = await linesOf("answer", "open", ask, '{"decision":"answer","note":"We are back."}');
  expect(answered.join("\n")).toMatch(/We are back/);
  for (const state of [...before.open, ...before.cut])
    expect(await stateAt(state.session, state.sequence)).toEqual(state);
}, 240_000);

it("ends cleanly on Ctrl-C, which all processes of a terminal receive", async () => {
  expect((await runScript("check-log.ts", [data])).stderr).toMatch(/locked\. Stop the `npm start`/);
  const children = childrenOf(running.child);
  expect(children.length).toBeGreaterThanOrEqual(10);
  process.kill(-(running.child.pid ?? 0), "SIGINT");
  expect((await running.ended).status).toBe(0);
  expect(children.filter(isAlive)).toEqual([]);
  expect(existsSync(join(data, "running.json"))).toBe(false);
  expect(await spine("show", "demo")).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^spine: No spine runs on this machine\. Start one with `npm start`/),
  });
  // What it leaves behind is its owner's alone, and whole.
  const open = readdirSync(data, { recursive: true, encoding: "utf8" }).filter(
    (name) => (statSync(join(data, name)).mode & 0o077) !== 0,
  );
  expect(open).toEqual([]);
  const { stdout } = await runScript("check-log.ts", [data]);
  expect(stdout).toMatch(/^1\d sessions, \d+ events: 0 gaps, 0 duplicates applied, 0 lost\n$/);
});
