import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "#core/json.ts";
import { parseTenantId } from "#core/ids.ts";
import { MAX_INPUT_BYTES } from "#core/session/limits.ts";
import { countsSince } from "#local/request-counts.ts";
import type { HealthReport } from "#runtime/health/create-health-report.ts";
import { createForward } from "../../scripts/start/forward.ts";
import { startHttpServer, type RunningHttpServer } from "#local/http/http-server.ts";
import { startLocalSpine, type LocalSpine } from "#local/local-spine.ts";

let local: LocalSpine;
let server: RunningHttpServer;

beforeAll(async () => {
  local = await startLocalSpine();
  server = await startHttpServer({
    port: 0,
    tenant: parseTenantId("default"),
    handle: createForward(local),
  });
}, 240_000);
afterAll(async () => {
  await server?.close();
  await local?.stop();
});

let sessions = 0;
/** The path of a session that nobody has used. */
const unused = () => `/sessions/s${(sessions += 1)}`;

const BOOKING = {
  type: "MessageReceived",
  data: { text: "Could a plumber come one morning next week? The tap is dripping." },
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
  it("names a producer in its own namespace, even one named like a function's caller", async () => {
    const before = local.cloud.counts();
    expect((await post(`${unused()}/events`, UNSURE, { "x-producer": "spine-door" })).status).toBe(202);
    const callers = countsSince(before, local.cloud.counts())
      .filter(({ operation }) => operation === "InvokeFunctionUrl")
      .map(({ caller }) => caller);
    expect(callers).toEqual(["producer:spine-door"]);
  });

  it("gets its reply on the same request when it asks to wait", async () => {
    const session = unused();
    const { status, headers, body } = await post(`${session}/events`, BOOKING, { prefer: "wait=20" });
    expect(status).toBe(200);
    expect(headers.get("preference-applied")).toBe("wait=20");
    expect(body).toMatchObject({ sequence: 1, reply: { body: { status: "settled" } } });
    expect(`/sessions/${String(body["session"])}`).toBe(session);
  });

  it("is accepted with its sequence and the location of the log when it does not wait", async () => {
    const session = unused();
    const { status, headers, body } = await post(`${session}/events`, { ...UNSURE, id: "m1" });
    expect(status).toBe(202);
    expect(body).toMatchObject({ id: "m1", sequence: 1 });
    expect(headers.get("location")).toBe(`${session}/events?after=1`);
  });

  it("is accepted when the reply does not arrive in time, with the time waited", async () => {
    const prefer = { prefer: "respond-async, wait=0" };
    const { status, headers } = await post(`${unused()}/events`, UNSURE, prefer);
    expect(status).toBe(202);
    expect(headers.get("preference-applied")).toBe("wait=0");
  });

  it("is answered at once when too many wait, and never blocks behind them when it does not wait", async () => {
    const sessions = Array.from({ length: 14 }, unused);
    // Processes that have to start first would be what takes time.
    await Promise.all(sessions.map((session) => get(`${session}/state`)));
    const answers: Answer[] = [];
    // Its predecessor is missing, so no reply comes before somebody sends that.
    const waiting = sessions.map(async (session) => {
      const event = { ...BOOKING, id: "second", ordinal: 2 };
      answers.push(await post(`${session}/events`, event, { prefer: "wait=60" }));
    });
    await expect.poll(() => answers.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(14 - 8);
    for (const { status, headers } of answers)
      expect([status, headers.get("preference-applied")]).toEqual([202, null]);
    const [session = ""] = sessions;
    expect((await get(`${session}/state`)).status).toBe(200);
    expect((await post(`${session}/commands`, { type: "stop", reason: "enough" })).status).toBe(202);
    expect(answers.length).toBeLessThan(14);
    for (const one of sessions.slice(1)) await post(`${one}/events`, { ...BOOKING, id: "first", ordinal: 1 });
    await Promise.all(waiting);
  });

  it("gets the same sequence and the same reply when it is sent again", async () => {
    const [path, event] = [`${unused()}/events`, { ...BOOKING, id: "m1" }];
    const first = await post(path, event, { prefer: "wait=20" });
    const again = await post(path, event, { prefer: "wait=20" });
    expect(again.body).toEqual(first.body);
  });

  it("is a conflict when its id has another body, but not under another producer's id", async () => {
    const path = `${unused()}/events`;
    await post(path, { ...UNSURE, id: "m1" }, { "x-producer": "web" });
    const { status, body } = await post(path, { ...BOOKING, id: "m1" }, { "x-producer": "web" });
    expect(status).toBe(409);
    expect(body).toMatchObject({ type: "urn:event-spine:problem:input.conflict" });
    expect((await post(path, { ...BOOKING, id: "m1" }, { "x-producer": "phone/2" })).status).toBe(202);
  });

  it("takes its facts from the sender, else from the session, else from this machine", async () => {
    const session = unused();
    const who = async () => (await get(`${session}/state`)).body["context"];
    await post(`${session}/events`, UNSURE);
    expect(await who()).toMatchObject({ session: { who: "Guest", channel: "web" } });
    await post(`${session}/commands`, { type: "cancel", run: await runOf(session), reason: "said again" });
    await post(`${session}/events`, { ...UNSURE, session: { who: "Ada" } });
    expect(await who()).toMatchObject({ session: { who: "Ada", channel: "web" } });
    await post(`${session}/commands`, { type: "cancel", run: await runOf(session), reason: "said again" });
    await post(`${session}/events`, { ...UNSURE, session: { channel: "phone" } });
    expect(await who()).toMatchObject({ session: { who: "Ada", channel: "phone" } });
  });
});

/** The run that a session has under way. */
const runOf = async (session: string): Promise<string | undefined> => {
  const { body } = await get(`${session}/state`);
  return Object.keys(body["runs"] as JsonObject)[0];
};

describe("a rejection over HTTP", () => {
  const refused: readonly (readonly [string, number, string, (session: string) => Promise<Answer>])[] = [
    ["malformed JSON", 400, "body", (s) => post(`${s}/events`, "{")],
    ["a body that is not UTF-8", 400, "body", (s) => post(`${s}/events`, new Uint8Array([34, 0xff, 34]))],
    ["an event without a type", 400, "type", (s) => post(`${s}/events`, { data: {} })],
    ["an unknown event type", 422, "type", (s) => post(`${s}/events`, { type: "Nonsense" })],
    ["data that does not fit", 422, "data.text", (s) => post(`${s}/events`, { ...BOOKING, data: {} })],
    ["facts that are no object", 400, "session", (s) => post(`${s}/events`, { ...BOOKING, session: "A" })],
    [
      "another content type",
      415,
      "content-type",
      (s) => post(`${s}/events`, BOOKING, { "content-type": "text/plain" }),
    ],
    ["a bad session name", 400, "session", () => post("/sessions/%20/events", BOOKING)],
    ["a name that cannot be decoded", 400, "session", () => post("/sessions/%ff/events", BOOKING)],
    [
      "a bad producer's name",
      400,
      "x-producer",
      (s) => post(`${s}/events`, BOOKING, { "x-producer": "a b" }),
    ],
    ["an unknown path", 404, "path", () => get("/session")],
    ["a session that has no events", 404, "session", (s) => get(`${s}/state`)],
    ["another method", 405, "method", (s) => get(`${s}/events`, "DELETE")],
    ["a sequence that is none", 400, "after", (s) => get(`${s}/events?after=x`)],
    ["too large a body", 413, "body", (s) => post(`${s}/events`, "x".repeat(MAX_INPUT_BYTES + 1))],
  ];

  it.each(refused)("of %s names field, problem and repair, and accepts nothing", async (_what, ...row) => {
    const [status, field, send] = row;
    const session = unused();
    expectProblem(await send(session), status, field);
    expect((await get(`${session}/state`)).status).toBe(404);
  });

  it("lists the methods of a path", async () => {
    expect((await get(`${unused()}/events`, "PUT")).headers.get("allow")).toBe("GET, POST");
  });

  it("of a body without a declared length is sent as soon as it is too large", async () => {
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let sent = 0; sent <= MAX_INPUT_BYTES; sent += 64_000)
          controller.enqueue(new Uint8Array(64_000).fill(32));
        controller.close();
      },
    });
    const response = await fetch(`${server.url}${unused()}/events`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: stream,
      duplex: "half",
    } as RequestInit);
    expect(response.status).toBe(413);
  });

  it("of a declared length is sent before the body", async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = {
        "content-type": "application/json",
        "content-length": 10_000_000,
        expect: "100-continue",
      };
      const request = httpRequest(`${server.url}${unused()}/events`, { method: "POST", headers });
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

  it("of a foreign host keeps other sites' pages out", async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      httpRequest(`${server.url}${unused()}/state`, { headers: { host: "example.org" } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });
    expect(status).toBe(403);
  });

  it("of an event for a stopped session is a conflict", async () => {
    const session = unused();
    await post(`${session}/events`, UNSURE);
    const stopped = await post(`${session}/commands`, { type: "stop", reason: "spam" });
    expect(stopped.status).toBe(202);
    expect((await post(`${session}/events`, BOOKING)).status).toBe(409);
  });
});

describe("a person over HTTP", () => {
  it("finds the open question and answers it; the customer's reply arrives on that request", async () => {
    const session = unused();
    await post(`${session}/events`, UNSURE);
    const asks = async () =>
      (await get(`${session}/explain`)).body["asks"] as readonly Readonly<Record<string, string>>[];
    await expect.poll(async () => (await asks()).length, { timeout: 30_000 }).toBe(1);
    const [open] = await asks();
    expect(open?.["question"]).toMatch(/What does the customer want/);
    // The line to paste names the server that was asked, not what is behind it.
    expect(open?.["curl"]).toContain(`curl -sS '${server.url}${session}/asks/`);
    const answer = { value: { decision: "answer", note: "Good morning to you." } };
    const done = await post(open?.["answerAt"] ?? "", answer, { prefer: "wait=20" });
    expect(done.status).toBe(200);
    expect(JSON.stringify(done.body)).toMatch(/Good morning to you/);
    expect((await post(open?.["answerAt"] ?? "", answer)).status).toBe(409);
  });
});

describe("reading over HTTP", () => {
  it("pages through the log from any sequence, even from inside a commit", async () => {
    const session = unused();
    await post(`${session}/events`, BOOKING, { prefer: "wait=20" });
    const from = await get(`${session}/events?after=3`);
    const all = await get(`${session}/events`);
    expect(all.headers.get("content-type")).toBe("application/cloudevents-batch+json");
    // A batch is a list of envelopes.
    const sequences = (answer: Answer) =>
      (answer.body as unknown as readonly { readonly sequence: string }[]).map(({ sequence }) =>
        Number(sequence),
      );
    expect(sequences(all).length).toBeGreaterThan(20);
    expect(sequences(all)).toEqual(sequences(all).map((_, index) => index + 1));
    expect(sequences(from)).toEqual(sequences(from).map((_, index) => index + 4));
  });

  it("returns the state after any event", async () => {
    const session = unused();
    await post(`${session}/events`, UNSURE);
    const early = await get(`${session}/state?at=4`);
    expect(early.body).toMatchObject({ sequence: 4, context: { session: { who: "Guest" } } });
    expect((await get(`${session}/state?at=9999`)).status).toBe(404);
  });
});

describe("how the spine does, over HTTP", () => {
  it("is told by agent and by queue, with letters by day", async () => {
    await post(`${unused()}/events`, BOOKING, { prefer: "wait=20" });
    const health = await get("/health");
    expect(health.status).toBe(200);
    const { agents, queues } = health.body as unknown as HealthReport; // as its function has it
    expect(agents.map(({ agent }) => agent)).toEqual(
      expect.arrayContaining(["documents", "inquiry", "recommendation", "reply", "scheduling"]),
    );
    for (const agent of agents) expect(agent).toMatchObject({ breaker: "closed", deadLetters: 0 });
    expect(queues.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["inbox.fifo", "agent-reply.fifo", "agent-reply-express.fifo"]),
    );
    expect(await local.clientOf("shop").health()).toMatchObject({
      agents: agents.map(({ agent }) => ({ agent })),
    });
    expect(await get("/dead-letters")).toMatchObject({ status: 200, body: { letters: [] } });
    expect(await local.clientOf("shop").deadLetters({ day: "2030-01-31" })).toEqual({ letters: [] });
    expectProblem(await get("/dead-letters?day=today"), 400, "day");
  });
});
