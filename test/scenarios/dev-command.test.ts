import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { agentThatSays, APP, editedApp, type EditedApp } from "../../scripts/reload/edited-app.ts";
import { runScript, startScript, type Running } from "../support/run-script.ts";

let app: EditedApp;
let running: Running;
let url: string;

const start = async (): Promise<string> => {
  running = startScript("spine.ts", ["dev", "--app", app.app, "--data", app.data, "--port", "0"]);
  const printed = await running.hasPrinted(/Stop with Ctrl-C/);
  url = / at (http:\/\/\S+)/.exec(printed)?.[1] ?? "";
  return printed;
};

async function stop(): Promise<number | null> {
  running.child.kill("SIGINT");
  return (await running.ended).status;
}

/** Saves a file, and gives what is printed about it. */
async function saved(file: string, text: string, about: RegExp): Promise<string> {
  const before = running.printed().length;
  app.save(file, text);
  const after = new RegExp(`^[\\s\\S]{${before}}[\\s\\S]*?${about.source}`);
  return (await running.hasPrinted(after)).slice(before);
}

const spine = (...args: readonly string[]) => runScript("spine.ts", [...args, "--local", app.data]);

async function send(session: string, type = "HelloAsked", wait = 10): Promise<unknown> {
  const answer = await fetch(`${url}/sessions/${session}/events`, {
    method: "POST",
    headers: { "content-type": "application/json", prefer: `wait=${wait}` },
    body: JSON.stringify({ type, data: { who: "Ada" } }),
  });
  return answer.json();
}

beforeAll(async () => {
  app = editedApp();
  await start();
});
afterAll(async () => {
  running.child.kill("SIGKILL");
  await running.ended;
  app.remove();
});

describe("event-spine dev", () => {
  it("greets with the console's address and with commands that work as they are", async () => {
    const printed = running.printed();
    expect(printed).toMatch(/console: http:\/\/127\.0\.0\.1:\d+\/#token=\S+/);
    const curl = / +curl -sS (\S+) .* -d '(.*)'/.exec(printed);
    expect(curl?.[2]).toBe('{"type":"HelloAsked","data":{"who":"text"}}');
    const { stdout } = await spine("send", "demo", "HelloAsked", "--data", '{"who":"Ada"}');
    expect(stdout).toContain("Hello Ada");
    expect((await spine("show", "demo")).stdout).toContain("hello");
  });

  it("puts a saved agent in place, and nothing else stops", async () => {
    const told = await saved("agents/hello.ts", agentThatSays("Good day,"), /restarted: hello\./);
    expect(told).toMatch(/agents\/hello\.ts live after \d+ ms/);
    expect(await send("s1")).toMatchObject({ reply: { body: { text: "Good day, Ada" } } });
  });

  it.each([
    ["is no TypeScript", "export const hello = ;", /hello\.ts:1:22: /],
    ["exports something else", "export const hallo = 1;", /spine\.ts:4: .*export named 'hello/],
    ["imports what is not there", 'import "./nothing.ts";', /agents\/hello\.ts:1: Cannot find module/],
    ["throws", `${agentThatSays("Hi")}throw new Error("no key");`, /hello\.ts:7:7: no key/],
    [
      "has a contract that cannot be used",
      agentThatSays("Hi").replace('name: "hello"', 'name: "hello", timeoutMs: 0'),
      /hello\.ts:5:\d+: .*timeoutMs: 0 is out of range/,
    ],
  ])("tells file and line of an agent that %s, and the old code stays", async (_, text, about) => {
    const told = await saved("agents/hello.ts", text, /The old code stays/);
    expect(told).toMatch(about);
    expect(await send(`s-${about.source.length}`)).toMatchObject({
      reply: { body: { text: "Good day, Ada" } },
    });
    await saved("agents/hello.ts", agentThatSays("Good day,"), /restarted: /);
  });

  it("names the session that could not go on, and takes the change when it has ended", async () => {
    await send("waits", "HelloLater", 0);
    const without = APP.replace("step(hello), ", "").replace('reply("hello")', 'reply("input")');
    const told = await saved("spine.ts", without.replace("[helloAgent]", "[]"), /The old code stays/);
    expect(told).toContain('flow later, agent hello: agents: "hello" is gone.');
    expect(told).toContain("under way: waits");
    expect(await send("s2")).toMatchObject({ reply: { body: { text: "Good day, Ada" } } });
    const { asks } = (await (await fetch(`${url}/sessions/waits/explain`)).json()) as {
      asks: [{ ask: string }];
    };
    const live = running.hasPrinted(/What was refused is live now/);
    await spine("answer", "waits", asks[0].ask, "yes");
    await live;
    expect(await send("s3")).toMatchObject({ reply: { body: { who: "Ada" } } });
    await saved("spine.ts", APP, /restarted: /);
  });

  it("tells when a person is to answer, and goes on with the session after a restart", async () => {
    await send("later", "HelloLater", 0);
    expect(await stop()).toBe(0);
    expect(await start()).toMatch(/\d+ sessions, 1 of them go on/);
    const { asks } = (await (await fetch(`${url}/sessions/later/explain`)).json()) as {
      asks: [{ ask: string }];
    };
    const { stdout } = await spine("answer", "later", asks[0].ask, "yes", "--wait", "10");
    expect(stdout).toContain("Good day, Ada");
  });

  it("streams a session's events over a reload", async () => {
    const headers = { accept: "text/event-stream" };
    const { body } = await fetch(`${url}/sessions/later/events`, { headers });
    const frames = body?.getReader();
    await frames?.read();
    await saved("agents/hello.ts", agentThatSays("Hi"), /restarted: hello/);
    await send("later");
    const { value } = (await frames?.read()) ?? {};
    expect(new TextDecoder().decode(value)).toMatch(/^id: \d+\n/);
    await frames?.cancel();
  });

  it("reaches no function of an account: what needs one says so", async () => {
    const { status, stderr } = await spine("dead-letters", "list");
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining("event-spine dev --aws") as unknown,
    });
  });
});
