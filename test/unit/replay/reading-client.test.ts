import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Send } from "#client/signing/signed-fetch.ts";
import { createReadingClient } from "../../../scripts/replay/deployed/reading-client.ts";

const turn = (at: number) => ({
  id: `d/${at}`,
  type: "UserSpoke",
  data: { dialogue: "d", turn: at, utterance: "Hello" },
});
const event = (sequence: number, type: string, data: object = {}) => ({
  sequence: String(sequence),
  type,
  data,
});

describe("the replay's client that reads the log", () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  /** A door whose session takes each event as its next sequence, and whose log is what `pages` holds, look by look. */
  async function clientOf(...pages: readonly (readonly object[] | number)[]) {
    const asked: string[] = [];
    let taken = 0;
    let looks = 0;
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      if (request.method === "POST") response.writeHead(202).end(JSON.stringify({ sequence: (taken += 1) }));
      else {
        const page = pages[looks] ?? [];
        looks += 1;
        response.writeHead(typeof page === "number" ? page : 200).end(JSON.stringify(page));
      }
    });
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    const send: Send = (to, sending) =>
      fetch(to, { ...sending, headers: { ...sending?.headers, authorization: "me" } });
    return { client: createReadingClient({ url, source: "arn", send }), asked };
  }

  it("finds the reply to its input, and continues reading after it", async () => {
    const { client, asked } = await clientOf(
      [event(1, "InputAccepted")],
      [],
      [event(2, "RunStarted"), event(3, "ReplySent", { to: 1, body: null })],
    );
    expect(await client.send("d", turn(0))).toEqual({
      type: "accepted",
      sequence: 1,
      reply: { sequence: 3 },
    });
    expect(asked).toEqual([
      "POST /sessions/d/events me",
      "GET /sessions/d/events?after=0 me",
      "GET /sessions/d/events?after=1 me",
      "GET /sessions/d/events?after=1 me",
    ]);
  });

  it("reads for all turns of a session at once", async () => {
    const { client, asked } = await clientOf([
      event(3, "ReplySent", { to: 2, body: null }),
      event(4, "ReplySent", { to: 1, body: { code: "agent.failed" }, failed: true }),
    ]);
    expect(await Promise.all([client.send("d", turn(0)), client.send("d", turn(1))])).toMatchObject([
      { sequence: 1, reply: { sequence: 4, failure: '{"code":"agent.failed"}' } },
      { sequence: 2, reply: { sequence: 3 } },
    ]);
    expect(asked.filter((one) => one.startsWith("GET"))).toHaveLength(1);
  });

  it("reads again when the invoked function crashed", async () => {
    const { client } = await clientOf(502, [event(2, "ReplySent", { to: 1, body: null })]);
    expect(await client.send("d", turn(0))).toMatchObject({ reply: { sequence: 2 } });
  });

  it("reports an unreadable log", async () => {
    const { client } = await clientOf(403);
    await expect(client.send("d", turn(0))).rejects.toThrow();
  });
});
