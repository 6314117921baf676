import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { defineInterruptible } from "#adapters/define-interruptible.ts";
import { httpAgent, type HttpOptions } from "#adapters/from-http.ts";
import { answered, defineAgent } from "#core/contract.ts";
import type { JsonObject } from "#core/json.ts";

const scorer = defineAgent({ name: "scorer", output: z.looseObject({}) });

let server: Server;
let url: string;
let serve: (request: IncomingMessage, response: ServerResponse) => void;
const got: { readonly headers: IncomingMessage["headers"]; readonly body: string }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part: string) => (body += part));
    request.on("end", () => {
      got.push({ headers: request.headers, body });
      serve(request, response);
    });
  });
  await new Promise<void>((listening) => void server.listen(0, "127.0.0.1", listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/score`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const answering = (status: number, body: string, headers: Record<string, string> = {}) => {
  serve = (_, response) =>
    void response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(body);
};

const taskWith = (over: object = {}) =>
  ({
    context: { input: { text: "a" } },
    idempotencyKey: "key-1",
    signal: new AbortController().signal,
    progress: () => undefined,
    ...over,
  }) as never;

const call = async (options: Partial<HttpOptions<unknown, JsonObject>> = {}, over: object = {}) =>
  httpAgent(scorer, { url, ...options } as never).run(taskWith(over));

describe("an HTTP endpoint as an agent", () => {
  it("gets the view and the task's key, and its JSON is the result", async () => {
    answering(200, '{"score":3}');
    const headers = () => ({ Authorization: "Bearer one" });
    expect(await call({ headers })).toEqual(answered({ result: { score: 3 } }));
    const { headers: sent, body } = got.at(-1) ?? { headers: {}, body: "" };
    expect(JSON.parse(body)).toEqual({ input: { text: "a" } });
    expect(sent).toMatchObject({ "idempotency-key": "key-1", authorization: "Bearer one" });
  });

  it("reports what it cost, as its answer says", async () => {
    answering(200, '{"tokens":7}');
    const usage = (answer: unknown) => ({ tokens: (answer as { tokens: number }).tokens });
    expect(await call({ usage })).toMatchObject({ usage: { tokens: 7 } });
  });

  it.each([
    [400, false],
    [404, false],
    [409, true],
    [429, true],
    [500, true],
    [503, true],
  ])(
    "with %i fails, and says whether trying again makes sense, without its words",
    async (status, retryable) => {
      answering(status, '{"who":"Ada"}');
      const failure = { code: "agent.failed", retryable, message: `The remote agent answered ${status}.` };
      await expect(call()).rejects.toMatchObject(failure);
    },
  );

  it("lets its contract's author decide what passes", async () => {
    answering(404, "");
    await expect(call({ retryable: (status) => status === 404 })).rejects.toMatchObject({ retryable: true });
  });

  it("is never led elsewhere", async () => {
    answering(302, "", { Location: "http://169.254.169.254/latest/meta-data" });
    const before = got.length;
    await expect(call()).rejects.toMatchObject({ code: "agent.failed", retryable: false });
    expect(got.length).toBe(before + 1);
  });

  it.each(["file:///etc/passwd", "http://user:word@example.com/", "not an address"])(
    "has an address that is fixed and usable, and not %s",
    (bad) => {
      expect(() => httpAgent(scorer, { url: bad })).toThrow(
        expect.objectContaining({ code: "setting.invalid" }),
      );
    },
  );

  it("shows text as it comes", async () => {
    serve = (_, response) => void response.writeHead(200, { "Content-Type": "text/plain" }).end("hello");
    const said: unknown[] = [];
    const result = (output: unknown) => ({ output }) as never;
    await call({ result }, { progress: (piece: unknown) => void said.push(piece) });
    expect(said.join("")).toBe("hello");
  });

  it("is left when the signal aborts", async () => {
    const stopping = new AbortController();
    const closed = new Promise<void>((resolve) => {
      serve = (_, response) => {
        response.on("close", () => resolve());
        stopping.abort();
      };
    });
    await expect(call({}, { signal: stopping.signal })).rejects.toMatchObject({ code: "agent.timeout" });
    await closed;
  });

  it("asks a person where its answer is a question, and gets the answer back with its checkpoint", async () => {
    const clerk = defineInterruptible({ name: "clerk", output: z.object({ done: z.boolean() }) });
    answering(200, '{"ask":"May I?","token":"t-1"}');
    const asks = (answer: unknown) => {
      const { ask, token } = answer as { readonly ask?: string; readonly token: string };
      return ask === undefined ? undefined : { question: ask, checkpoint: token };
    };
    const agent = httpAgent(clerk, { url, asks });
    const began = { input: {}, clerk: null, clerk_approval: { roundsLeft: 1 } };
    const interrupted = { question: "May I?", checkpoint: "t-1" };
    expect(await agent.run(taskWith({ context: began }))).toEqual(answered({ result: { interrupted } }));
    answering(200, '{"done":true}');
    const goesOn = { input: {}, clerk: { interrupted }, clerk_approval: { roundsLeft: 0, answer: "yes" } };
    expect(await agent.run(taskWith({ context: goesOn }))).toEqual(answered({ result: { done: true } }));
    expect(JSON.parse(got.at(-1)?.body ?? "")).toEqual({
      input: {},
      resumed: { checkpoint: "t-1", answer: "yes" },
    });
  });
});
