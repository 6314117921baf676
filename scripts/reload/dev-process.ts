import { spawn, type ChildProcess } from "node:child_process";
import { ownModule } from "#node/own-files.ts";
import type { EditedApp } from "./edited-app.ts";

/** `event-spine dev` in a process of its own. */
export interface DevProcess {
  readonly url: string;
  /** The reply to an event of a session, whatever it waits for meanwhile. Throws where there is none. */
  ask(session: string, type: string): Promise<unknown>;
  /** Sends an event, and waits for nothing. */
  send(session: string, type: string): Promise<void>;
  get(path: string): Promise<unknown>;
  /** Answers a person's open question of a session, and gives the reply. */
  agree(session: string): Promise<unknown>;
  stop(): Promise<void>;
}

const READY = /Stop with Ctrl-C/;
const ADDRESS = / at (http:\/\/\S+)/;
const DATA = { who: "Ada" };

/** Starts it, and resolves when it is ready. Rejects with what it has printed where it ends before. */
export async function startDev({ app, data }: EditedApp): Promise<DevProcess> {
  const args = ["dev", "--app", app, "--data", data, "--port", "0", "--console-port", "0"];
  const child = spawn(process.execPath, [ownModule("scripts/spine"), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const url = ADDRESS.exec(await printedBy(child, READY))?.[1] ?? "";

  const call = async (path: string, body?: object, wait = 10): Promise<unknown> => {
    const headers = { "content-type": "application/json", prefer: `wait=${wait}` };
    const answer = await fetch(url + path, body && { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return answer.json();
  };
  const event = (session: string, type: string, wait: number) =>
    call(`/sessions/${session}/events`, { type, data: DATA }, wait);
  // What the API answers, as docs/http.md has it.
  const replyIn = (answer: unknown) =>
    (answer as { readonly reply?: { readonly body: unknown } }).reply?.body;

  return {
    url,
    ask: async (session, type) => replyIn(await event(session, type, 10)),
    send: async (session, type) => void (await event(session, type, 0)),
    get: (path) => call(path),
    async agree(session) {
      const { asks } = (await call(`/sessions/${session}/explain`)) as {
        readonly asks: readonly { ask: string }[];
      };
      const [open] = asks;
      if (open === undefined) throw new Error(`${session} asks nobody.`);
      return replyIn(await call(`/sessions/${session}/asks/${open.ask}`, { value: true }));
    },
    async stop() {
      child.kill("SIGINT");
      await ended;
    },
  };
}

function printedBy(child: ChildProcess, text: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = "";
    const add = (chunk: Buffer): void => {
      printed += chunk.toString();
      if (text.test(printed)) resolve(printed);
    };
    child.stdout?.on("data", add);
    child.stderr?.on("data", add);
    child.once("close", () => reject(new Error(`dev ended: ${printed}`)));
  });
}
