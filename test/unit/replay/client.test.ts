import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createHttpClient } from "../../../scripts/replay/client.ts";

const EVENT = { id: "d/0", type: "UserSpoke", data: { dialogue: "d", turn: 0, utterance: "Hello" } };
const REPLY = { session: "d", id: "d/0", sequence: 1, reply: { sequence: 9, body: null } };

describe("the replay's client", () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  /** A door that answers one request after another so. */
  async function clientOf(...answers: readonly RequestListener[]) {
    const asked: string[] = [];
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers["x-producer"]}`);
      answers[asked.length - 1]?.(request, response);
    });
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return { client: createHttpClient(`http://127.0.0.1:${port}`, "replay"), asked };
  }
  const answer =
    (status: number, body: unknown, headers: Record<string, string> = {}): RequestListener =>
    (_request, response) =>
      response.writeHead(status, headers).end(JSON.stringify(body));

  it("sends an event again after Retry-After, and when its connection or function was lost or throttled", async () => {
    const busy = answer(503, { type: "busy" }, { "retry-after": "0" });
    const { client, asked } = await clientOf(
      busy,
      (request) => request.socket.destroy(),
      answer(502, { Message: "Internal Server Error" }),
      answer(429, { Message: "Rate Exceeded." }),
      busy,
      answer(200, REPLY),
    );
    expect(await client.send("d", EVENT)).toEqual({ type: "accepted", sequence: 1, reply: { sequence: 9 } });
    expect(asked).toEqual(Array(6).fill("POST /sessions/d/events replay"));
  });

  it("keeps waiting when a reply is late, and reports why a run failed", async () => {
    const { reply: _, ...without } = REPLY;
    const failed = { ...REPLY, reply: { sequence: 9, body: { code: "agent.failed" }, failed: true } };
    const { client, asked } = await clientOf(answer(202, without), answer(200, failed));
    expect(await client.send("d", EVENT)).toEqual({
      type: "accepted",
      sequence: 1,
      reply: { sequence: 9, failure: '{"code":"agent.failed"}' },
    });
    expect(asked).toHaveLength(2);
  });

  it("returns a rejection as an answer", async () => {
    const { client, asked } = await clientOf(answer(409, { type: "urn:event-spine:problem:input.ordinal" }));
    expect(await client.send("d", EVENT)).toEqual({
      type: "refused",
      code: "urn:event-spine:problem:input.ordinal",
    });
    expect(asked).toHaveLength(1);
  });
});
