import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "#core/json.ts";
import { MAX_INPUT_BYTES } from "#core/session/limits.ts";
import { tableOf } from "../../docs/pages.ts";
import { inProcessClient } from "../../support/in-process-client.ts";
import { messageOf, offered, openGateway, type OpenGateway } from "./gateway-over.ts";

let gateway: OpenGateway;
beforeAll(async () => {
  gateway = await openGateway();
});
afterAll(() => gateway.close());

const QUOTE = { metadata: { skill: "QuoteAsked" } };
const GREETING = { metadata: { skill: "GreetingAsked" } };
const WAIT = { metadata: { skill: "WaitAsked" } };
const send = (...given: Parameters<typeof messageOf>) => gateway.rpc("SendMessage", messageOf(...given));
const stateIn = (value: JsonObject | undefined) =>
  (value?.["status"] as { readonly state?: string } | undefined)?.state;
const idIn = (value: JsonObject | undefined): string => String(value?.["id"]);

/** A request as any program may send it. */
function ask(path: string, method: string, headers: Readonly<Record<string, string>>, body = "") {
  return new Promise<{ status: number; challenge: string | undefined; body: string }>((resolve, reject) => {
    const outgoing = httpRequest(new URL(path, gateway.url), { method, headers });
    outgoing.once("error", reject);
    outgoing.once("response", (incoming) => {
      const challenge = incoming.headers["www-authenticate"];
      text(incoming).then(
        (read) => resolve({ status: incoming.statusCode ?? 0, challenge, body: read }),
        reject,
      );
    });
    outgoing.end(body);
  });
}

/** What a program of HTTP/1.0 is answered, which names no host. */
async function withoutHost(): Promise<string> {
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  socket.end("GET /.well-known/agent-card.json HTTP/1.0\r\n\r\n");
  return text(socket);
}

describe("the A2A gateway", () => {
  it("offers a skill for each event that starts a flow, with the schemas of their data", async () => {
    const card = (await (await fetch(gateway.cardUrl)).json()) as JsonObject;
    expect(card).toMatchObject({
      name: "shop",
      supportedInterfaces: [{ url: gateway.url, protocolBinding: "JSONRPC", protocolVersion: "1.0" }],
      capabilities: { streaming: true, pushNotifications: false, extendedAgentCard: false },
      securitySchemes: { token: { httpAuthSecurityScheme: { scheme: "Bearer" } } },
      defaultInputModes: ["application/json"],
      skills: [
        { id: "GreetingAsked", tags: ["greeting"], inputModes: ["application/json", "text/plain"] },
        { id: "QuoteAsked", tags: ["quoting"], inputModes: ["application/json"] },
        { id: "SignaturesAsked", tags: ["signing"], inputModes: ["application/json"] },
        { id: "WaitAsked", tags: ["waiting"], inputModes: ["application/json", "text/plain"] },
      ],
    });
    const { extensions } = card["capabilities"] as { readonly extensions: readonly JsonObject[] };
    expect(extensions[0]).toMatchObject({
      uri: "urn:event-spine-a2a:event-schemas",
      params: { QuoteAsked: { type: "object", required: ["pieces"] } },
    });
    expect(extensions[0]?.["params"]).not.toHaveProperty("WaitAsked");
  });

  it("knows the methods of the page, and says of those that it does not serve which they are", async () => {
    const rows = tableOf("docs/a2a.md", "method", "does");
    for (const [names = "", does = ""] of rows)
      for (const method of names.replaceAll("`", "").split(", ")) {
        const { error } = await gateway.rpc(method, {});
        expect(error?.code, method).not.toBe(-32601);
        expect([-32003, -32004].includes(error?.code ?? 0) && method !== "ListTasks", method).toBe(
          does.startsWith("refused"),
        );
      }
  });

  it("is for callers of this machine with this start's token, and for no page", async () => {
    const { host, port } = new URL(gateway.url);
    const known = {
      host,
      authorization: `Bearer ${gateway.token}`,
      "content-type": "application/json",
      "a2a-version": "1.0",
    };
    expect(gateway.token.length).toBeGreaterThanOrEqual(32);
    const post = (headers: Readonly<Record<string, string>>, body = "{}") =>
      ask("/a2a", "POST", headers, body);
    expect(await post({ ...known, authorization: "" })).toMatchObject({ status: 401, challenge: "Bearer" });
    expect(await post({ ...known, authorization: `Bearer ${gateway.token}x` })).toMatchObject({
      status: 401,
    });
    expect(await post({ ...known, host: `spine.example:${port}` })).toMatchObject({ status: 403 });
    expect(await withoutHost()).toMatch(/^HTTP\/1\.1 403 /);
    expect(await post({ ...known, origin: gateway.url })).toMatchObject({ status: 403 });
    expect(await post({ ...known, "content-type": "text/plain" })).toMatchObject({ status: 415 });
    expect(await post(known, " ".repeat(MAX_INPUT_BYTES + 1))).toMatchObject({ status: 413 });
    expect(await ask("/a2a", "GET", known)).toMatchObject({ status: 404 });
    expect(await ask("/.well-known/agent-card.json", "GET", { host: "spine.example" })).toMatchObject({
      status: 403,
    });
    expect(await post(known)).toMatchObject({ status: 200 });
  });

  it("names the address of what stands in front of it, and is called by its host", async () => {
    const publicUrl = new URL("https://agents.example/shop");
    const fronted = await openGateway({ publicUrl });
    const card = (host: string) =>
      ask(new URL("/.well-known/agent-card.json", fronted.url).href, "GET", { host });
    const { body } = await card("agents.example");
    expect(JSON.parse(body)).toMatchObject({ supportedInterfaces: [{ url: publicUrl.href }] });
    expect((await card("other.example")).status).toBe(403);
    await fronted.close();
  });

  it("starts a flow by a message and answers with its reply; the same message again is the same task", async () => {
    const first = await send("m1", [{ text: "Ada" }, { data: { loud: true } }], GREETING);
    const { task } = first.result ?? {};
    expect(task).toMatchObject({
      status: { state: "TASK_STATE_COMPLETED" },
      artifacts: [{ name: "greeting", parts: [{ text: "Hello Ada" }] }],
      history: [{ messageId: "m1", parts: [{ data: { text: "Ada", loud: true } }] }],
      metadata: { event: "GreetingAsked" },
    });
    const session = String(task?.["contextId"]);
    expect(idIn(task)).toBe(`${session}~1`);
    expect(await send("m1", [{ text: "Ada" }, { data: { loud: true } }], GREETING)).toEqual(first);
    expect((await gateway.typesOf(session)).filter((type) => type === "RunQueued")).toHaveLength(1);
    const { error } = await send("m1", [{ text: "Grace" }], GREETING);
    expect(error).toMatchObject({ code: -32602 });
    const read = await gateway.rpc("GetTask", { id: idIn(task), historyLength: 0 });
    const { history: _, ...rest } = task ?? {};
    expect(read.result).toEqual(rest);
  });

  it("starts one run however often a message comes at once, and while its run goes on", async () => {
    const asked = () => send("o1", [{ data: { pieces: 1 } }], QUOTE);
    const [first, ...others] = await Promise.all(Array.from({ length: 5 }, asked));
    for (const other of [...others, await asked()]) expect(other).toEqual(first);
    const session = String(first?.result?.task?.["contextId"]);
    expect((await gateway.typesOf(session)).filter((type) => type === "RunQueued")).toHaveLength(1);
  });

  it("takes a context for the session, in which tasks are listed, the newest first", async () => {
    const inContext = (id: string) => send(id, [{ text: id }], { ...GREETING, contextId: "case-1" });
    for (const id of ["a", "b", "c"])
      expect((await inContext(id)).result?.task?.["contextId"]).toBe("case-1");
    const list = async (rest: JsonObject = {}) =>
      (await gateway.rpc("ListTasks", { contextId: "case-1", ...rest })).result as unknown as {
        readonly tasks: readonly JsonObject[];
        readonly nextPageToken: string;
        readonly totalSize: number;
      };
    const all = await list({ includeArtifacts: true });
    expect(all).toMatchObject({ totalSize: 3, pageSize: 50, nextPageToken: "" });
    expect(all.tasks.map(({ artifacts }) => artifacts)).toMatchObject([
      [{ parts: [{ text: "Hello c" }] }],
      [{ parts: [{ text: "Hello b" }] }],
      [{ parts: [{ text: "Hello a" }] }],
    ]);
    const first = await list({ pageSize: 2 });
    expect(first.tasks.every((task) => !("artifacts" in task))).toBe(true);
    const second = await list({ pageSize: 2, pageToken: first.nextPageToken });
    expect([...first.tasks, ...second.tasks].map(idIn)).toEqual(all.tasks.map(idIn));
    expect(second.nextPageToken).toBe("");
    expect((await list({ status: "TASK_STATE_FAILED" })).tasks).toEqual([]);
    expect(await gateway.rpc("ListTasks", {})).toMatchObject({ error: { code: -32004 } });
    expect((await gateway.rpc("ListTasks", { contextId: "nobody" })).result).toMatchObject({ tasks: [] });
  });

  it("asks a person's question of the client, and goes on with the answer to it, taken once", async () => {
    const { result } = await send("q1", [{ data: { pieces: 4 } }], QUOTE);
    const task = result?.task;
    expect(task).toMatchObject({
      status: {
        state: "TASK_STATE_INPUT_REQUIRED",
        message: {
          role: "ROLE_AGENT",
          parts: [
            { text: "Who signs?" },
            { data: { question: "Who signs?", schema: { type: "object", required: ["name"] } } },
          ],
        },
      },
    });
    const to = { taskId: idIn(task), contextId: String(task?.["contextId"]) };
    expect(await send("q2", [{ text: "Ada" }], to)).toMatchObject({ error: { code: -32602 } });
    expect(await send("q2", [{ data: { name: 1 } }], to)).toMatchObject({ error: { code: -32602 } });
    expect(await send("q2", [{ data: { name: "Ada" } }], { ...to, contextId: "other" })).toMatchObject({
      error: { code: -32602 },
    });
    const answered = await send("q2", [{ data: { name: "Ada" } }], { taskId: idIn(task) });
    expect(answered.result?.task).toMatchObject({
      status: { state: "TASK_STATE_COMPLETED" },
      artifacts: [{ parts: [{ data: { total: 40, by: "Ada" } }] }],
    });
    expect(await send("q2", [{ data: { name: "Ada" } }], { taskId: idIn(task) })).toEqual(answered);
    expect(await send("q3", [{ data: { name: "Ada" } }], to)).toMatchObject({ error: { code: -32004 } });
    const types = await gateway.typesOf(to.contextId);
    expect(types.filter((type) => type === "HumanAnswered")).toHaveLength(1);
  });

  it("tells all that is asked at once, and takes answers that name their question", async () => {
    const metadata = { skill: "SignaturesAsked" };
    const told = await gateway.stream(
      "SendStreamingMessage",
      messageOf("t1", [{ data: { pieces: 1 } }], { metadata }),
    );
    const { task, statusUpdate } = (told.at(-1) ?? {}) as { readonly [name: string]: JsonObject | undefined };
    const { message } = ((statusUpdate ?? task)?.["status"] ?? {}) as { readonly message?: JsonObject };
    const asks = (message?.["parts"] as readonly { readonly data?: JsonObject }[]).flatMap(({ data = {} }) =>
      "ask" in data ? [[data["question"], data["ask"]]] : [],
    );
    expect(asks.map(([question]) => question)).toEqual(["Who buys?", "Who sells?"]);
    const taskId = String(message?.["taskId"]);
    expect(await send("t2", [{ text: "Ada" }], { taskId })).toMatchObject({ error: { code: -32602 } });
    for (const [at, name] of ["Ada", "Grace"].entries())
      await send(`t3-${at}`, [{ text: name }], { taskId, metadata: { ask: asks[at]?.[1] ?? "" } });
    const { result } = await gateway.rpc("GetTask", { id: taskId });
    expect(result).toMatchObject({ artifacts: [{ parts: [{ data: ["Ada", "Grace"] }] }] });
  });

  it("does not show its client what others answered", async () => {
    const { task } = (await send("p1", [{ data: { pieces: 4 } }], QUOTE)).result ?? {};
    const session = String(task?.["contextId"]);
    const person = inProcessClient(gateway.spine, "office");
    const [asked] = (await person.explanation(session)).asks;
    await person.answer(session, asked?.ask ?? "", { id: "by-phone", value: { name: "Grace" } }, 5_000);
    const { result } = await gateway.rpc("GetTask", { id: idIn(task) });
    expect(result).toMatchObject({ artifacts: [{ parts: [{ data: { total: 40, by: "Grace" } }] }] });
    const history = result?.["history"] as readonly JsonObject[];
    expect(history.map(({ role }) => role)).toEqual(["ROLE_USER", "ROLE_AGENT"]);
  });

  it("asks its client nothing where it may not answer, and offers no more than it is told to", async () => {
    const { skills, schemaOf } = offered();
    const closed = await openGateway({
      asksClient: false,
      offer: { skills: skills.filter(({ type }) => type === "QuoteAsked"), schemaOf },
    });
    const now = { configuration: { returnImmediately: true } };
    // The only skill needs no name.
    const { result } = await closed.rpc("SendMessage", {
      ...messageOf("q1", [{ data: { pieces: 1 } }]),
      ...now,
    });
    const { task } = result ?? {};
    const session = String(task?.["contextId"]);
    await closed.spine.idle();
    const id = idIn(task);
    const read = (await closed.rpc("GetTask", { id })).result;
    expect(stateIn(read)).toBe("TASK_STATE_WORKING");
    expect(JSON.stringify(read)).not.toContain("Who signs?");
    const answer = messageOf("q2", [{ data: { name: "Ada" } }], { taskId: id });
    expect(await closed.rpc("SendMessage", answer)).toMatchObject({ error: { code: -32004 } });
    await closed.spine.send("GreetingAsked", { text: "Ada" }, { session });
    const types = await closed.typesOf(session);
    const other = { id: `${session}~${types.lastIndexOf("InputAccepted") + 1}` };
    expect(await closed.rpc("GetTask", other)).toMatchObject({ error: { code: -32001 } });
    expect(await closed.rpc("CancelTask", other)).toMatchObject({ error: { code: -32001 } });
    expect((await closed.rpc("ListTasks", { contextId: session })).result).toMatchObject({ totalSize: 1 });
    const greeting = messageOf("g1", [{ text: "Ada" }], GREETING);
    expect(await closed.rpc("SendMessage", greeting)).toMatchObject({ error: { code: -32602 } });
    await closed.close();
  });

  it("tells a subscriber of a task over a question to its end, and a sender until it is the client's turn", async () => {
    const sent = await gateway.stream(
      "SendStreamingMessage",
      messageOf("s1", [{ data: { pieces: 2 } }], QUOTE),
    );
    const [{ task } = {}] = sent as readonly { readonly task?: JsonObject }[];
    const states = (told: readonly JsonObject[]) =>
      told.flatMap(({ task: whole, statusUpdate }) => stateIn((whole ?? statusUpdate) as JsonObject) ?? []);
    expect(states(sent).at(-1)).toBe("TASK_STATE_INPUT_REQUIRED");
    const id = idIn(task);
    let answering: Promise<unknown> | undefined;
    const told = await gateway.stream("SubscribeToTask", { id }, () => {
      answering ??= send("s2", [{ data: { name: "Ada" } }], { taskId: id });
      return Promise.resolve();
    });
    await answering;
    expect(states(told)).toEqual(["TASK_STATE_INPUT_REQUIRED", "TASK_STATE_WORKING", "TASK_STATE_COMPLETED"]);
    expect(told.at(-2)).toMatchObject({
      artifactUpdate: {
        taskId: id,
        artifact: { parts: [{ data: { total: 20, by: "Ada" } }] },
        lastChunk: true,
      },
    });
    expect(await gateway.rpc("SubscribeToTask", { id })).toMatchObject({ error: { code: -32004 } });
  });

  it("says that a run failed, and why", async () => {
    const { result } = await send("f1", [{ data: { pieces: -1 } }], QUOTE);
    expect(result?.task?.["status"]).toMatchObject({
      state: "TASK_STATE_FAILED",
      message: { parts: [{ text: expect.any(String) as string }, { data: { code: "agent.failed" } }] },
    });
  });

  it("cancels a task that goes on, and no other; an event that nothing takes is rejected", async () => {
    const waits = { ...WAIT, contextId: "busy" };
    const now = { configuration: { returnImmediately: true } };
    const begun = await gateway.rpc("SendMessage", {
      ...messageOf("w1", [{ text: "Wait." }], waits),
      ...now,
    });
    expect(stateIn(begun.result?.task)).toBe("TASK_STATE_WORKING");
    const refused = await send("w2", [{ text: "Wait." }], waits);
    expect(stateIn(refused.result?.task)).toBe("TASK_STATE_REJECTED");
    const id = idIn(begun.result?.task);
    const cancelled = await gateway.rpc("CancelTask", { id });
    expect(stateIn(cancelled.result)).toBe("TASK_STATE_CANCELED");
    expect(await gateway.rpc("CancelTask", { id })).toMatchObject({ error: { code: -32002 } });
    expect(await gateway.rpc("CancelTask", { id: "busy~999" })).toMatchObject({ error: { code: -32001 } });
  });

  it.each([
    ["a method that nobody has", -32601, "DoIt", {}],
    ["a task that is none", -32001, "GetTask", { id: "nobody~1" }],
    ["an id that is no task's", -32001, "GetTask", { id: "nobody" }],
    ["a message without an id", -32602, "SendMessage", messageOf("", [{ text: "x" }], GREETING)],
    ["a message without parts", -32602, "SendMessage", messageOf("e1", [], GREETING)],
    ["a message that names no skill", -32602, "SendMessage", messageOf("e2", [{ text: "x" }])],
    [
      "a skill that is none",
      -32602,
      "SendMessage",
      messageOf("e3", [{ text: "x" }], { metadata: { skill: "X" } }),
    ],
    ["data that does not fit", -32602, "SendMessage", messageOf("e4", [{ data: { pieces: "x" } }], QUOTE)],
    ["a text where none fits", -32602, "SendMessage", messageOf("e5", [{ text: "x" }], QUOTE)],
    ["two parts with data", -32602, "SendMessage", messageOf("e6", [{ data: 1 }, { data: 2 }], QUOTE)],
    ["a file", -32005, "SendMessage", messageOf("e7", [{ url: "https://example.com/a.pdf" }], QUOTE)],
    [
      "a session's name that is none",
      -32602,
      "SendMessage",
      messageOf("e8", [{ text: "x" }], { ...GREETING, contextId: "a b" }),
    ],
    [
      "an answer to an unknown task",
      -32001,
      "SendMessage",
      messageOf("e9", [{ text: "x" }], { taskId: "nobody~1" }),
    ],
    ["another tenant", -32602, "GetTask", { tenant: "other", id: "nobody~1" }],
    [
      "push notifications",
      -32003,
      "CreateTaskPushNotificationConfig",
      { taskId: "a~1", url: "https://example.com" },
    ],
    ["an extended card", -32004, "GetExtendedAgentCard", {}],
  ] as const)("refuses %s with %d", async (_, code, method, params) => {
    const { error } = await gateway.rpc(method, params as JsonObject);
    expect(error).toMatchObject({ code });
    expect(error?.data[0]).toMatchObject({ domain: "a2a-protocol.org" });
  });

  it("refuses what is no request of the protocol's version, with the request's id where it has one", async () => {
    const { host } = new URL(gateway.url);
    const headers = {
      host,
      authorization: `Bearer ${gateway.token}`,
      "content-type": "application/json",
      "a2a-version": "1.0",
    };
    const answer = async (body: string) =>
      JSON.parse((await ask("/a2a", "POST", headers, body)).body) as unknown;
    expect(await answer("{")).toMatchObject({ id: null, error: { code: -32700 } });
    expect(await answer("[]")).toMatchObject({ id: null, error: { code: -32600 } });
    expect(await answer('{"jsonrpc":"2.0","id":3}')).toMatchObject({ id: 3, error: { code: -32600 } });
    expect(
      await answer(`{"jsonrpc":"2.0","id":3,"method":"GetTask","params":${"[".repeat(90)}${"]".repeat(90)}}`),
    ).toMatchObject({ error: { code: -32600 } });
    for (const version of ["", "0.3", "2.0"])
      expect(await gateway.rpc("GetTask", { id: "a~1" }, { "a2a-version": version })).toMatchObject({
        error: { code: -32009 },
      });
    expect(gateway.troubles).toEqual([]);
  });
});
