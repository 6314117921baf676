import { once } from "node:events";
import { Agent, request, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { deferred } from "#local/deferred.ts";
import { afterEach, describe, expect, it } from "vitest";
import {
  serveLoopback,
  type Handle,
  type LocalResponse,
  type LoopbackOptions,
  type LoopbackServer,
} from "#local/http/loopback-server.ts";

const running: LoopbackServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

const serve = async (handle: Handle, options?: LoopbackOptions) => {
  const server = await serveLoopback(handle, options);
  running.push(server);
  return server;
};

const echo: Handle = ({ body }) => Promise.resolve({ status: 200, body });
const post = async (url: string, body: string | ReadableStream, headers: Record<string, string> = {}) => {
  const init = { method: "POST", body, headers, duplex: "half" };
  const response = await fetch(url, init as RequestInit); // the library's type lacks what a stream needs
  return { status: response.status, text: await response.text() };
};

describe("a server on loopback", () => {
  it("answers what its handler answers, and what throws with the error", async () => {
    const { url } = await serve(echo);
    expect(await post(url, "hello")).toEqual({ status: 200, text: "hello" });
    const failing = await serve(() => Promise.reject(new Error("It broke.")));
    expect(await post(failing.url, "")).toEqual({ status: 500, text: "Error: It broke." });
  });

  it("takes no body over its bound, whether its length is declared or not, and says so", async () => {
    const { url } = await serve(echo, { mostBytes: 1_000 });
    expect(await post(url, "x".repeat(1_000))).toMatchObject({ status: 200 });
    const refused = { status: 413, text: "The body has more than 1000 bytes." };
    expect(await post(url, "x".repeat(1_001))).toEqual(refused);
    const chunks = new Blob(["x".repeat(600), "x".repeat(600)]).stream();
    expect(await post(url, chunks)).toEqual(refused);
  });

  it("is for callers of this machine, by its own names", async () => {
    const { url } = await serve(echo);
    const outgoing = request(url, { method: "GET", headers: { host: "example.com" } }).end();
    const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
    expect(incoming.statusCode).toBe(403);
    expect(await text(incoming)).toMatch(/for callers of this machine only/);
  });

  it("writes refusals as it is told", async () => {
    const { url } = await serve(echo, {
      mostBytes: 1,
      refuse: ({ type }) => ({ status: 418, body: type }),
    });
    expect(await post(url, "xx")).toEqual({ status: 418, text: "too-large" });
  });

  it("throws where its port is taken", async () => {
    const { url } = await serve(echo);
    await expect(serveLoopback(echo, { port: Number(new URL(url).port) })).rejects.toThrow(/EADDRINUSE/);
  });

  it("stops although connections are kept alive, and waits for a request under way as long as it may", async () => {
    const begun = deferred<void>();
    const answer = deferred<LocalResponse>();
    const server = await serve(() => {
      begun.resolve();
      return answer.promise;
    });
    const agent = new Agent({ keepAlive: true });
    const outgoing = request(server.url, { agent }).end();
    const answered = once(outgoing, "response") as Promise<[IncomingMessage]>;
    await begun.promise;
    const stopped = server.stop(60_000);
    answer.resolve({ status: 200, body: "done" });
    expect(await text((await answered)[0])).toBe("done");
    await stopped;
    agent.destroy();
  });

  it("ends a request under way where it may not wait", async () => {
    const server = await serve(() => new Promise(() => {}));
    const outgoing = request(server.url).end();
    const failed = once(outgoing, "error");
    await once(outgoing, "finish");
    await server.stop();
    expect(String(await failed)).toMatch(/hang up|ECONNRESET|ECONNREFUSED/);
  });
});
