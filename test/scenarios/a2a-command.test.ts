import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "#core/json.ts";
import { agentThatSays, APP, editedApp, type EditedApp } from "../../scripts/reload/edited-app.ts";
import { runScript, startScript, type Running } from "../support/run-script.ts";

let app: EditedApp;
let spine: Running;
let gateway: Running;
let printed: string;

/** In this repository no package of its own name is installed, by which commands other than `dev` would load it. */
const here = (text: string): string => text.replaceAll('"event-spine"', '"#core/index.ts"');

beforeAll(async () => {
  app = editedApp();
  app.save("spine.ts", here(APP));
  app.save("agents/hello.ts", here(agentThatSays("Hello")));
  spine = startScript("spine.ts", ["dev", "--app", app.app, "--data", app.data, "--port", "0"]);
  await spine.hasPrinted(/Stop with Ctrl-C/);
  gateway = startScript("spine.ts", ["a2a", "--app", app.app, "--local", app.data, "--port", "0"]);
  printed = await gateway.hasPrinted(/Stop with Ctrl-C/);
}, 120_000);
afterAll(async () => {
  for (const { child, ended } of [gateway, spine]) {
    child.kill("SIGKILL");
    await ended;
  }
  app.remove();
});

/** What stands behind a word of what was printed. */
const after = (word: string): string => new RegExp(`${word} +(\\S+)`).exec(printed)?.[1] ?? "";

async function call(method: string, params: JsonObject): Promise<Response> {
  return fetch(after("A2A agent at"), {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "a2a-version": "1.0",
      authorization: `Bearer ${after("token")}`,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
}

const message = (id: string, skill: string) => ({
  message: { role: "ROLE_USER", messageId: id, parts: [{ data: { who: "Ada" } }], metadata: { skill } },
});

describe("event-spine a2a", () => {
  it("prints the address of a card whose skills are the application's events", async () => {
    const card = (await (await fetch(after("card"))).json()) as JsonObject;
    expect(card).toMatchObject({ skills: [{ id: "HelloAsked" }, { id: "HelloLater" }] });
  });

  it("answers a message with the reply of the application that runs", async () => {
    const { result } = (await (await call("SendMessage", message("m1", "HelloAsked"))).json()) as JsonObject;
    expect(result).toMatchObject({
      task: {
        status: { state: "TASK_STATE_COMPLETED" },
        artifacts: [{ parts: [{ data: { text: "Hello Ada" } }] }],
      },
    });
  });

  it("streams a task up to the question that a person is asked", async () => {
    const response = await call("SendStreamingMessage", message("m2", "HelloLater"));
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const text = await response.text();
    expect(text).toMatch(/^data: \{"jsonrpc":"2.0","id":1,"result":\{"task":/);
    expect(text).toContain("TASK_STATE_INPUT_REQUIRED");
    expect(text).toContain("Shall we?");
  });

  it("refuses an application without a flow, and a port that is taken", async () => {
    const port = new URL(after("A2A agent at")).port;
    const taken = await runScript("spine.ts", ["a2a", "--app", app.app, "--local", app.data, "--port", port]);
    expect(taken).toMatchObject({ status: 2, stdout: "", stderr: expect.stringContaining(port) as string });
    app.save("idle.ts", "export const applicationDefinition = { flows: [] };");
    const idle = await runScript("spine.ts", ["a2a", "--app", `${app.folder}/idle.ts`, "--local", app.data]);
    expect(idle).toMatchObject({ status: 2, stderr: expect.stringContaining("no skill") as string });
  });

  it("ends cleanly when it is stopped", async () => {
    gateway.child.kill("SIGINT");
    expect((await gateway.ended).status).toBe(0);
  });
});
