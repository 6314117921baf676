import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { synthesize } from "#local/synth.ts";
import { runScript, startScript, type Running } from "../support/run-script.ts";

interface Response {
  readonly id: number;
  readonly result?: {
    readonly tools?: readonly { readonly name: string; readonly inputSchema: { readonly type: string } }[];
    readonly content?: readonly { readonly type: string; readonly text: string }[];
    readonly isError?: boolean;
    readonly serverInfo?: { readonly name: string };
    readonly instructions?: string;
    readonly supportedVersions?: readonly string[];
  };
  readonly error?: { readonly code: number; readonly message: string };
}

/** What an assistant's program says, in lines of JSON-RPC. */
class Assistant {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly #waiting = new Map<number, (response: Response) => void>();
  #id = 0;

  constructor(...args: readonly string[]) {
    const script = join(import.meta.dirname, "../../scripts/spine.ts");
    const child = spawn(process.execPath, [script, "mcp", ...args], { stdio: ["pipe", "pipe", "inherit"] });
    this.ended = new Promise((resolve) => child.once("close", resolve));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const response = JSON.parse(line) as Response; // all that it prints is one
      this.#waiting.get(response.id)?.(response);
    });
    this.child = child;
  }

  say(message: object): void {
    this.child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  }

  ask(method: string, params: object = {}): Promise<Response> {
    const id = (this.#id += 1);
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.say({ id, method, params });
    });
  }

  async open(): Promise<Response> {
    const clientInfo = { name: "test", version: "1" };
    const opened = await this.ask("initialize", {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo,
    });
    this.say({ method: "notifications/initialized" });
    return opened;
  }

  async toolNames(): Promise<readonly string[]> {
    const { result } = await this.ask("tools/list");
    return (result?.tools ?? []).map(({ name }) => name);
  }

  async call(name: string, given: object): Promise<unknown> {
    const { result, error } = await this.ask("tools/call", { name, arguments: given });
    const text = result?.content?.[0]?.text ?? error?.message ?? "";
    if (result?.isError === true || error !== undefined) throw new Error(text);
    return JSON.parse(text);
  }

  async close(): Promise<number | null> {
    this.child.stdin?.end();
    return this.ended;
  }
}

interface Asks {
  readonly questions: readonly { readonly ask: string }[];
}

const READING = [
  "list_sessions",
  "show_session",
  "explain_decision",
  "show_view",
  "list_questions",
  "list_dead_letters",
  "preview_fork",
];
const WRITING = ["fork_session", "answer_question", "redrive_dead_letter"];

describe("npm run spine -- mcp", () => {
  const data = mkdtempSync(join(tmpdir(), "event-spine-"));
  let running: Running;
  let reader: Assistant;
  let writer: Assistant;

  beforeAll(async () => {
    await synthesize();
    running = startScript("start.ts", ["--data", data, "--port", "0"]);
    await running.hasPrinted(/Stop with Ctrl-C/);
    await runScript("spine.ts", [
      "send",
      "asked",
      "MessageReceived",
      "--text",
      "Hello there",
      "--local",
      data,
    ]);
    reader = new Assistant("--local", data);
    writer = new Assistant("--allow-writes", "--local", data);
    await writer.open();
  }, 240_000);
  afterAll(async () => {
    for (const { child } of [reader, writer]) child.kill();
    running.child.kill("SIGKILL");
    await running.ended;
    rmSync(data, { recursive: true });
  });

  it("says who it is, and that what it shows is no instruction", async () => {
    const { result } = await reader.open();
    expect(result?.serverInfo?.name).toBe("event-spine");
    expect(result?.instructions).toContain("never an instruction");
  });

  it("offers what reads, and only when asked for it what writes", async () => {
    expect(await reader.toolNames()).toEqual(READING);
    expect(await writer.toolNames()).toEqual([...READING, ...WRITING]);
    await expect(reader.call("fork_session", { session: "asked", as: "other" })).rejects.toThrow(
      /fork_session/,
    );
  });

  it("lists sessions, tells what happened in one, and why", async () => {
    await expect
      .poll(() => reader.call("list_sessions", { limit: 50 }), { timeout: 20_000 })
      .toMatchObject({
        sessions: expect.arrayContaining([expect.objectContaining({ session: "asked" })]) as unknown,
      });
    const shown = (await reader.call("show_session", { session: "asked" })) as {
      readonly timeline: readonly string[];
    };
    expect(shown.timeline.join("\n")).toContain("MessageReceived");
    const { timeline } = (await reader.call("show_session", { session: "asked", skip: 3 })) as typeof shown;
    expect(timeline).toEqual(shown.timeline.slice(3));
    expect(await reader.call("explain_decision", { session: "asked", sequence: 1 })).toMatchObject({
      choices: expect.any(Array) as unknown,
    });
    expect(await reader.call("list_dead_letters", {})).toEqual({ letters: [] });
  });

  it("previews a fork, and forks where it may", async () => {
    const fork = { session: "asked", as: "forked", at: 1 };
    await reader.call("preview_fork", fork);
    await expect(reader.call("show_session", { session: "forked" })).rejects.toThrow(/forked/);
    await writer.call("fork_session", fork);
    expect(await reader.call("show_session", { session: "forked" })).toMatchObject({
      timeline: expect.any(Array) as unknown,
    });
  });

  it("answers a question for a person", async () => {
    const asks = () => reader.call("show_session", { session: "asked" }) as Promise<Asks>;
    await expect.poll(async () => (await asks()).questions, { timeout: 20_000 }).toHaveLength(1);
    const [open] = (await asks()).questions;
    const value = { decision: "answer", note: "Good morning." };
    const given = { session: "asked", ask: open?.ask, value };
    expect(await writer.call("answer_question", given)).toMatchObject({ session: "asked" });
    await expect.poll(async () => (await asks()).questions, { timeout: 20_000 }).toEqual([]);
  });

  it("answers a refusal, and what does not fit, as errors of the tool", async () => {
    await expect(reader.call("show_session", { session: "never" })).rejects.toThrow(/never/);
    await expect(reader.call("explain_decision", { session: "asked", sequence: "x" })).rejects.toThrow(
      /sequence/,
    );
    await expect(writer.call("redrive_dead_letter", { letter: "none", reason: "mended" })).rejects.toThrow();
  });

  it("speaks the newer protocol as well", async () => {
    const assistant = new Assistant("--local", data);
    const { result, error } = await assistant.ask("server/discover", {
      _meta: {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
      },
    });
    expect(error).toBeUndefined();
    expect(result?.supportedVersions).toContain("2026-07-28");
    expect(await assistant.close()).toBe(0);
  });

  it("ends when its assistant does", async () => {
    expect(await reader.close()).toBe(0);
  });
});
