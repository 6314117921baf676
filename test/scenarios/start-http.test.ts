import { request as httpRequest } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { JsonObject } from "#core/json.ts";
import { MAX_INPUT_BYTES } from "#core/session/limits.ts";
import { startHttpServer, type RunningHttpServer } from "../../scripts/start/http-server.ts";
import { createLocalSpine, LOCAL_TENANT, type LocalSpine } from "../../scripts/start/local-spine.ts";

let local: LocalSpine;
let server: RunningHttpServer;

beforeEach(async () => {
  local = await createLocalSpine({
    // No agent that could reply works in this session, however often it is asked.
    troubleIn: (session) => (session === "mute" ? { agent: "inquiry", attempts: 99 } : undefined),
  });
  server = await startHttpServer({ port: 0, tenant: LOCAL_TENANT, handle: local.handle });
});
afterEach(async () => {
  await server.close();
  await local.close();
});

const BOOKING = {
  type: "MessageReceived",
  data: { text: "Could a plumber come tomorrow morning? The tap is dripping." },
};
const UNSURE = { type: "MessageReceived", data: { text: "Hello there" } };

async function post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(server.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
  });
  return answerOf(response);
}

const get = async (path: string, method = "GET") => answerOf(await fetch(server.url + path, { method }));

async function answerOf(response: Response) {
  // Every answer of this server is JSON.
  const body = (await response.json()) as JsonObject & { readonly problems?: readonly JsonObject[] };
  return { status: response.status, headers: response.headers, body };
}

type Answer = Awaited<ReturnType<typeof answerOf>>;

/** A problem as RFC 9457 wants it, that says which field is meant and what to do. */
function expectProblem({ status, headers, body }: Answer, expected: number, field: string): void {
  expect({ status, type: headers.get("content-type") }).toEqual({
    status: expected,
    type: "application/problem+json",
  });
  expect(body).toMatchObject({
    status: expected,
    type: expect.stringMatching(/^urn:event-spine:problem:/) as string,
  });
  expect(body.problems?.map((problem) => problem["field"])).toContain(field);
  for (const problem of body.problems ?? []) {
    expect(problem["problem"]).not.toBe("");
    expect(problem["repair"]).not.toBe("");
  }
}

describe("an event over HTTP", () => {
  it("gets its reply on the same request when it asks to wait", async () => {
    const { status, headers, body } = await post("/sessions/s1/events", BOOKING, { prefer: "wait=10" });
    expect(status).toBe(200);
    expect(headers.get("preference-applied")).toBe("wait=10");
    expect(body).toMatchObject({ session: "s1", sequence: 1, reply: { body: { status: "settled" } } });
  });

  it("is accepted with its sequence and the place of the log when it does not wait", async () => {
    const { status, headers, body } = await post("/sessions/s1/events", { ...BOOKING, id: "m1" });
    expect(status).toBe(202);
    expect(body).toEqual({ session: "s1", id: "m1", sequence: 1 });
    expect(headers.get("location")).toBe("/sessions/s1/events?after=1");
  });

  it("is accepted when the reply does not come in time, and says how long was waited", async () => {
    const { status, headers } = await post("/sessions/s1/events", UNSURE, {
      prefer: "respond-async, wait=0",
    });
    expect(status).toBe(202);
    expect(headers.get("preference-applied")).toBe("wait=0");
  });

  it("gets the same sequence and the same reply when it is sent again", async () => {
    const event = { ...BOOKING, id: "m1" };
    const first = await post("/sessions/s1/events", event, { prefer: "wait=10" });
    const again = await post("/sessions/s1/events", event, { prefer: "wait=10" });
    expect(again.body).toEqual(first.body);
  });

  it("is a conflict under an id that another body has", async () => {
    await post("/sessions/s1/events", { ...BOOKING, id: "m1" });
    const { status, body } = await post("/sessions/s1/events", { ...UNSURE, id: "m1" });
    expect(status).toBe(409);
    expect(body).toMatchObject({ type: "urn:event-spine:problem:input.conflict" });
  });

  it("counts the ids of each producer apart", async () => {
    await post("/sessions/s1/events", { ...BOOKING, id: "m1" }, { "x-producer": "web" });
    const { status } = await post("/sessions/s1/events", { ...UNSURE, id: "m1" }, { "x-producer": "phone" });
    expect(status).toBe(202);
  });

  it("goes to a person when the agent that understands messages is down", async () => {
    await post("/sessions/mute/events", BOOKING);
    let waitsFor: unknown;
    do {
      await local.spine.idle();
      waitsFor = (await get("/sessions/mute/explain")).body["waitsFor"];
    } while (!/a person to answer/.test(String(waitsFor)));
    expect(waitsFor).toContainEqual(
      expect.stringMatching(/waits for a person to answer "What does the customer want/),
    );
  });
});

describe("a refusal over HTTP", () => {
  const EVENTS = "/sessions/s1/events";
  const refused: readonly (readonly [string, number, string, () => Promise<Answer>])[] = [
    ["malformed JSON", 400, "body", () => post(EVENTS, "{")],
    ["a body that is not UTF-8", 400, "body", () => post(EVENTS, new Uint8Array([34, 0xff, 34]))],
    ["an event without a type", 400, "type", () => post(EVENTS, { data: {} })],
    ["an unknown event type", 422, "type", () => post(EVENTS, { type: "Nonsense" })],
    ["data that does not fit", 422, "data.text", () => post(EVENTS, { type: "MessageReceived", data: {} })],
    ["facts that are no object", 400, "session", () => post(EVENTS, { ...BOOKING, session: "Ada" })],
    [
      "another content type",
      415,
      "content-type",
      () => post(EVENTS, BOOKING, { "content-type": "text/plain" }),
    ],
    ["a bad session name", 400, "session", () => post("/sessions/%20/events", BOOKING)],
    ["a name that cannot be decoded", 400, "session", () => post("/sessions/%ff/events", BOOKING)],
    ["a bad producer's name", 400, "x-producer", () => post(EVENTS, BOOKING, { "x-producer": "a b" })],
    ["an unknown path", 404, "path", () => get("/sessions")],
    ["a session that has no events", 404, "session", () => get("/sessions/nobody/state")],
    ["another method", 405, "method", () => get(EVENTS, "DELETE")],
    ["a sequence that is none", 400, "after", () => get("/sessions/s1/events?after=x")],
    ["too large a body", 413, "body", () => post(EVENTS, "x".repeat(MAX_INPUT_BYTES + 1))],
  ];

  it.each(refused)("of %s names field, problem and repair", async (_what, status, field, send) => {
    expectProblem(await send(), status, field);
    const next = await post("/sessions/s1/events", BOOKING, { prefer: "wait=10" });
    expect(next.body).toMatchObject({ sequence: 1, reply: { body: { status: "settled" } } });
  });

  it("says which methods a path takes", async () => {
    expect((await get("/sessions/s1/events", "PUT")).headers.get("allow")).toBe("GET, POST");
  });

  it("of a body without a declared length comes as soon as it is too large", async () => {
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let sent = 0; sent <= MAX_INPUT_BYTES; sent += 64_000)
          controller.enqueue(new Uint8Array(64_000).fill(32));
        controller.close();
      },
    });
    const response = await fetch(`${server.url}/sessions/s1/events`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: stream,
      duplex: "half",
    } as RequestInit);
    expect(response.status).toBe(413);
  });

  it("of a declared length comes before the body is sent", async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = {
        "content-type": "application/json",
        "content-length": 10_000_000,
        expect: "100-continue",
      };
      const request = httpRequest(`${server.url}/sessions/s1/events`, { method: "POST", headers });
      request.on("continue", () => reject(new Error("The server asked for the body.")));
      request.on("response", (response) => {
        resolve(response.statusCode);
        request.destroy();
      });
      request.on("error", () => undefined);
      request.flushHeaders();
    });
    expect(status).toBe(413);
  });

  it("of a foreign host keeps pages of other sites out", async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      httpRequest(`${server.url}/sessions/s1/state`, { headers: { host: "example.org" } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });
    expect(status).toBe(403);
  });

  it("of an event for a stopped session is a conflict", async () => {
    await post("/sessions/s1/events", UNSURE);
    const stopped = await post("/sessions/s1/commands", { type: "stop", reason: "spam" });
    expect(stopped.status).toBe(202);
    expect((await post("/sessions/s1/events", BOOKING)).status).toBe(409);
  });
});

describe("a person over HTTP", () => {
  it("finds the open question and answers it; the customer's reply comes on that request", async () => {
    await post("/sessions/s1/events", UNSURE);
    await local.spine.idle();
    const { body } = await get("/sessions/s1/explain");
    const [open] = body["asks"] as readonly { readonly question: string; readonly answerAt: string }[];
    expect(open?.question).toMatch(/What does the customer want/);
    const answer = { value: { decision: "answer", note: "Good morning to you." } };
    expectProblem(
      await post(open?.answerAt ?? "", { value: { decision: "perhaps" } }),
      422,
      "value.decision",
    );
    const done = await post(open?.answerAt ?? "", answer, { prefer: "wait=10" });
    expect(done.status).toBe(200);
    expect(JSON.stringify(done.body)).toMatch(/Good morning to you/);
    expect((await post(open?.answerAt ?? "", answer)).status).toBe(409);
  });
});

describe("reading over HTTP", () => {
  it("pages through the log from any sequence, also from inside a commit", async () => {
    await post("/sessions/s1/events", BOOKING, { prefer: "wait=10" });
    await local.spine.idle();
    const all = await get("/sessions/s1/events");
    const from = await get("/sessions/s1/events?after=3");
    expect(all.headers.get("content-type")).toBe("application/cloudevents-batch+json");
    // A batch is a list of envelopes.
    const sequences = (answer: Answer) =>
      (answer.body as unknown as readonly { readonly sequence: string }[]).map(({ sequence }) =>
        Number(sequence),
      );
    expect(sequences(all)).toEqual(sequences(all).map((_, index) => index + 1));
    expect(sequences(from)).toEqual(sequences(all).slice(3));
  });

  it("gives the state after any event", async () => {
    await post("/sessions/s1/events", BOOKING, { prefer: "wait=10" });
    const early = await get("/sessions/s1/state?at=4");
    expect(early.body).toMatchObject({ sequence: 4, context: { session: { who: "Guest" } } });
    expect((await get("/sessions/s1/state?at=9999")).status).toBe(404);
  });
});
