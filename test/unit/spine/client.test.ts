import { describe, expect, it } from "vitest";
import type { ApiAnswer, ApiRequest } from "#client/call.ts";
import { createSpineClient } from "#client/client.ts";

const TAKEN = { session: "s1", id: "m1", sequence: 3 };
const answer = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): ApiAnswer => ({
  status,
  headers: { "retry-after": "0", ...headers },
  body: JSON.stringify(body),
});

/** A client whose requests get these answers, one after another, and what it has asked for. */
function clientOf(...answers: readonly ApiAnswer[]) {
  const asked: ApiRequest[] = [];
  const client = createSpineClient((request) => {
    asked.push(request);
    const next = answers[Math.min(asked.length, answers.length) - 1];
    return next === undefined ? Promise.reject(new Error("Nobody answers.")) : Promise.resolve(next);
  });
  return { client, asked };
}

const event = { id: "m1", type: "Asked" };

describe("a client", () => {
  it("sends the same event again until it is accepted", async () => {
    const { client, asked } = clientOf(answer(503, {}), answer(502, {}), answer(202, TAKEN));
    expect(await client.send("s 1", event)).toEqual(TAKEN);
    expect(asked.map(({ path }) => path)).toEqual(Array(3).fill("/sessions/s%201/events"));
    expect(new Set(asked.map(({ body }) => body)).size).toBe(1);
  });

  it("waits longer than one request may be held, with the same event", async () => {
    const { client, asked } = clientOf(
      answer(202, TAKEN),
      answer(200, { ...TAKEN, reply: { sequence: 9, body: "Hello" } }),
    );
    const { reply } = await client.send("s1", event, 60_000);
    expect(reply).toEqual({ sequence: 9, body: "Hello", failed: false });
    expect(asked.map(({ headers }) => headers?.["prefer"])).toEqual(["wait=20", "wait=20"]);
  });

  it("sends a command once, however often it has to retry", async () => {
    const { client, asked } = clientOf(answer(503, {}), answer(202, TAKEN));
    const stop = { id: "c1", type: "stop", reason: "enough", compensate: false } as const;
    expect(await client.command("s1", stop)).toEqual(TAKEN);
    expect(asked.map(({ path, body }) => [path, JSON.parse(body ?? "")])).toEqual(
      Array(2).fill(["/sessions/s1/commands", stop]),
    );
  });

  it("prints a rejection with the repairs that it does not contain yet", async () => {
    const problem = { field: "session", problem: "has no events", repair: "Send it an event first." };
    const refused = { type: "urn:x", detail: "Nothing is there.", problems: [problem, problem] };
    await expect(clientOf(answer(404, refused)).client.state("s1")).rejects.toMatchObject({
      status: 404,
      message: "Nothing is there. Send it an event first.",
    });
  });

  it("gives up when a spine stays unavailable", async () => {
    const { client, asked } = clientOf(answer(503, { Message: "no" }));
    await expect(client.send("s1", event)).rejects.toThrow('The ingress answered 503: {"Message":"no"}');
    expect(asked).toHaveLength(6);
  });

  it("reads a log to its end, page by page", async () => {
    const page = (sequence: number) => [
      {
        sequence: String(sequence),
        type: "RunCompleted",
        time: "2026-03-02T09:00:00.000Z",
        tenant: "default",
        session: "s1",
        data: { run: "r1" },
      },
    ];
    const { client, asked } = clientOf(
      answer(200, page(5), { link: '</sessions/s1/events?after=5>; rel="next"' }),
      answer(200, page(6)),
    );
    const events = await client.eventsAfter("s1", 4);
    expect(events.map(({ event: { sequence } }) => sequence)).toEqual([5, 6]);
    expect(asked.map(({ path }) => path)).toEqual([
      "/sessions/s1/events?after=4",
      "/sessions/s1/events?after=5",
    ]);
  });
});
