import { describe, expect, it } from "vitest";
import * as z from "zod";
import { adaptAgent, type AdapterOptions } from "#adapters/adapt-agent.ts";
import { addedUsage } from "#adapters/added-usage.ts";
import { decisionOn } from "#adapters/decision-on.ts";
import type { Framework } from "#adapters/framework.ts";
import { promptOf } from "#adapters/prompt-of.ts";
import type { LaterTask } from "#core/later.ts";
import { answered, defineAgent } from "#core/contract.ts";
import type { Json, JsonObject } from "#core/json.ts";

const writer = defineAgent({ name: "writer", output: z.object({ text: z.string() }) });

const taskWith = (over: Partial<LaterTask<JsonObject>> = {}): LaterTask<JsonObject> => ({
  context: { input: { text: "Write." } },
  tenant: "here",
  session: "one",
  task: "t1",
  attempt: 1,
  idempotencyKey: "k1",
  deadline: 0,
  budget: {},
  signal: new AbortController().signal,
  progress: () => undefined,
  signals: Object.assign(() => Promise.resolve([]), {
    async *[Symbol.asyncIterator]() {
      // Nobody tells it anything.
    },
  }),
  later: () => Promise.reject(new Error("It answers at once.")),
  ...over,
});

const run = async (
  framework: Framework,
  over: Partial<LaterTask<JsonObject>> = {},
  options: AdapterOptions<unknown, { text: string }> = {},
) => adaptAgent(writer, framework, options as never).run(taskWith(over));

const giving = (output: unknown): Framework => ({ run: () => Promise.resolve({ output }) });

describe("an adapted agent", () => {
  it.each<[string, unknown, Json]>([
    ["an object is the result", { text: "a" }, { text: "a" }],
    ["a text is the result's text", "a", { text: "a" }],
    ["JSON as text is the result, if the contract accepts it", '{"text":"a"}', { text: "a" }],
    ["so it is in a fence", '```json\n{"text":"a"}\n```', { text: "a" }],
    ["JSON that the contract does not accept is a text", '{"other":1}', { text: '{"other":1}' }],
  ])("maps its output: %s", async (_, output, result) => {
    expect(await run(giving(output))).toEqual(answered({ result }));
  });

  it("takes prompt and result from functions, where they are given", async () => {
    const echo: Framework = { run: ({ prompt }) => Promise.resolve({ output: prompt }) };
    const options = { prompt: () => "hello", result: (output: unknown) => ({ text: `${String(output)}!` }) };
    expect(await run(echo, {}, options)).toEqual(answered({ result: { text: "hello!" } }));
  });

  it("ends with its signal, even if the framework does not listen", async () => {
    const stopping = new AbortController();
    const running = run({ run: () => new Promise(() => undefined) }, { signal: stopping.signal });
    stopping.abort();
    await expect(running).rejects.toMatchObject({ code: "agent.timeout", retryable: true });
  });

  it("says nothing after its signal", async () => {
    const stopping = new AbortController();
    const said: unknown[] = [];
    const talking: Framework = {
      run: ({ say }) => {
        say("one");
        stopping.abort();
        say("two");
        return Promise.resolve({ output: "" });
      },
    };
    const over = { signal: stopping.signal, progress: (piece: unknown) => void said.push(piece) };
    await run(talking, over).catch(() => undefined);
    expect(said).toEqual(["one"]);
  });

  it.each([
    ["a refused request", { status: 400 }, false],
    ["a request that a limit turned away", { status: 429 }, undefined],
    ["a broken service", { statusCode: 503 }, undefined],
    ["what the framework says is final", { isRetryable: false }, false],
    ["anything else", {}, undefined],
  ])("fails as its framework does: %s", async (_, fields, retryable) => {
    const failing: Framework = { run: () => Promise.reject(Object.assign(new Error("no"), fields)) };
    const error = await run(failing).catch((thrown: unknown) => thrown);
    expect((error as { retryable?: boolean }).retryable).toBe(retryable);
  });
});

describe("a prompt", () => {
  it.each<[string, Json, string]>([
    ["the text of the input", { input: { text: "a" } }, "a"],
    ["an input that is a text", { input: "a" }, "a"],
    [
      "all of the input, where it has more",
      { input: { text: "a", who: "b" } },
      '{"input":{"text":"a","who":"b"}}',
    ],
    ["all of the view, where it has more", { input: "a", other: 1 }, '{"input":"a","other":1}'],
    ["nothing of the agent's own", { input: "a", writer: null, writer_approval: { roundsLeft: 3 } }, "a"],
  ])("is %s", (_, view, prompt) => {
    expect(promptOf(view, "writer")).toBe(prompt);
  });
});

describe("a person's decision on a call", () => {
  it.each<[string, Json, boolean]>([
    ["a yes", true, true],
    ["a no", false, false],
    ["approval of all", { approved: true }, true],
    ["a no to this one", { approved: true, calls: { one: false } }, false],
    ["a yes to this one", { approved: false, calls: { one: true } }, true],
    ["a text is no approval", "yes", false],
    ["an empty object is no approval", {}, false],
  ])("is read: %s", (_, answer, approved) => {
    expect(decisionOn("one", answer).approved).toBe(approved);
  });
});

describe("usage", () => {
  it("is the sum over all calls, and nothing where none says any", () => {
    expect(addedUsage([{ inputTokens: 1, outputTokens: 2 }, undefined, { inputTokens: 3 }])).toEqual({
      usage: { inputTokens: 4, outputTokens: 2 },
    });
    expect(addedUsage([undefined, {}])).toEqual({});
  });
});
