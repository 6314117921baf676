import type { APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { beforeEach, describe, expect, it } from "vitest";
import type { Callers } from "#aws/lambda/callers.ts";
import { createObserver } from "#aws/observe/observe.ts";
import { createTenants } from "#aws/lambda/tenants.ts";
import { createOperations } from "#functions/operator/operations.ts";
import { parseSessionKey, type SessionKey } from "#core/ids.ts";
import type { Input } from "#core/session/input.ts";
import { createMemoryBlobs } from "#memory/memory-blobs.ts";
import { createMemoryLetterBox } from "#memory/memory-letter-box.ts";
import { createMemorySessionLog } from "#memory/memory-session-log.ts";
import { createHmacTokens } from "#node/hmac-tokens.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import type { InboxMessage, CommitRef } from "#ports/queues.ts";
import { createFiling } from "#runtime/letters/filing.ts";
import { createLetterKeeper } from "#runtime/letters/create-letter-keeper.ts";

// Only the id of a request is read from it.
const context = { awsRequestId: "request-1" } as Context;
const ACME = parseSessionKey({ tenant: "acme", session: "s-1" });
const SHOP = parseSessionKey({ tenant: "shop", session: "s-1" });
const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const sessionOf = (name: string, person: string) =>
  `arn:aws:sts::111122223333:assumed-role/${name}/${person}`;

const CALLERS: Callers = {
  tenants: { [role("acme-ops")]: "acme", [role("acme-app")]: "acme", [role("ops")]: "*" },
  rights: {
    [role("acme-ops")]: ["operate"],
    [role("acme-app")]: ["send", "read", "answer", "command"],
    [role("ops")]: ["operate"],
  },
};

let lines: string[];
beforeEach(() => {
  lines = [];
});

function make(callers = CALLERS) {
  const sent: Input[] = [];
  const refs: CommitRef[] = [];
  const digest = createNodeDigest();
  const clock = { now: () => 1_000 };
  const box = createMemoryLetterBox();
  const stores = { log: createMemorySessionLog(), blobs: createMemoryBlobs(), digest };
  const tokens = createHmacTokens("a secret that is only for tests, 32 bytes and more");
  const inbox = {
    send: (...messages: readonly InboxMessage[]) =>
      Promise.resolve(void sent.push(...messages.map(({ input }) => input))),
  };
  const nothing = () => Promise.resolve();
  const call = createOperations({
    stores,
    box,
    tokens,
    clock,
    inbox,
    executions: { start: () => Promise.resolve("running" as const) },
    again: {
      inbox,
      answers: { send: nothing },
      waysBack: {
        toIntake: nothing,
        toRelay: (some) => Promise.resolve(void refs.push(...some)),
      },
    },
    scan: {
      since: () =>
        Promise.resolve({
          refs: [
            { ...ACME, first: 1 },
            { ...SHOP, first: 2 },
          ],
        }),
    },
    health: () => Promise.resolve({ agents: [], queues: [], at: clock.now(), measuredAt: 500 }),
    limits: (tenant) =>
      Promise.resolve({ events: tenant === undefined ? [] : [{ tenant, perSecond: 5, burst: 9, left: 3 }] }),
    tenants: createTenants(callers),
    observer: createObserver("operator", { write: (line) => void lines.push(line) }),
  });
  const keep = createLetterKeeper({
    stores,
    box,
    inbox,
    clock,
    digest,
    tokens,
    filing: createFiling({ box, clock }),
    watch: nothing,
  });
  const letter = async (id: string, key: SessionKey) => {
    await keep({ queue: "spine-deadlines-dead", id, body: JSON.stringify({ ...key, at: 5 }), sentAt: 1_000 });
    return `1000-0-${id}`;
  };
  const ask = async (userArn: string, body: object, method = "POST") => {
    const event = {
      requestContext: { http: { method }, authorizer: { iam: { userArn } } },
      headers: {},
      body: JSON.stringify(body),
      isBase64Encoded: false,
    };
    const response = (await call(event, context)) as APIGatewayProxyStructuredResultV2;
    return { status: response.statusCode, body: JSON.parse(response.body ?? "null") as unknown };
  };
  const look = async (userArn: string, rawPath: string, rawQueryString = "") => {
    const http = { method: "GET" };
    const event = {
      requestContext: { http, authorizer: { iam: { userArn } } },
      rawPath,
      rawQueryString,
      headers: {},
    };
    const response = (await call(event, context)) as APIGatewayProxyStructuredResultV2;
    return { status: response.statusCode, body: JSON.parse(response.body ?? "null") as unknown };
  };
  return { call, ask, look, letter, sent, refs, box };
}

const LIST = { op: "list", day: "1970-01-01" };

describe("the function for operators", () => {
  it("handles the letters of its caller's tenant, and treats another tenant's as missing", async () => {
    const { ask, letter, sent } = make();
    const own = await letter("m1", ACME);
    const foreign = await letter("m2", SHOP);
    const before = sent.length;
    const asked = (body: object) => ask(sessionOf("acme-ops", "ada"), { reason: "repaired", ...body });
    expect((await asked(LIST)).body).toMatchObject({ letters: [{ letter: own }] });
    for (const op of ["show", "redrive", "discard"]) {
      const refused = await asked({ op, letter: foreign });
      expect([op, refused.status]).toEqual([op, 400]);
      expect(refused.body).toMatchObject({
        detail: expect.stringContaining("No dead letter is named") as string,
      });
    }
    expect((await asked({ op: "unpark", ...SHOP })).status).toBe(404);
    expect(sent).toHaveLength(before);
    expect((await asked({ op: "redrive", letter: own })).status).toBe(200);
    expect(sent).toHaveLength(before + 1);
  });

  it("tells who may read or operate how the spine does, and the letters of their own tenant", async () => {
    const { look, letter } = make();
    const own = await letter("m1", ACME);
    await letter("m2", SHOP);
    const ownLimits = { events: [{ tenant: "acme", perSecond: 5, burst: 9, left: 3 }] };
    for (const [name, limits] of [
      ["acme-ops", ownLimits],
      ["acme-app", ownLimits],
      ["ops", { events: [] }],
    ] as const)
      expect(await look(role(name), "/health")).toEqual({
        status: 200,
        body: { agents: [], queues: [], at: 1_000, measuredAt: 500, limits },
      });
    const letters = { letters: [{ letter: own, session: ACME }] };
    // Without a day it is today, which here is the first that there was.
    for (const query of ["", "day=1970-01-01"])
      expect(await look(role("acme-app"), "/dead-letters", query)).toMatchObject({
        status: 200,
        body: letters,
      });
    expect((await look(role("ops"), "/dead-letters")).body).toMatchObject({ letters: [{}, {}] });
    expect(await look(role("acme-app"), "/dead-letters", "day=today")).toMatchObject({ status: 400 });
    expect(await look(role("acme-app"), "/letters")).toMatchObject({ status: 404 });
    expect(await look(role("stranger"), "/health")).toMatchObject({ status: 403 });
    const senders = make({ rights: { "*": ["send"] } });
    expect(await senders.look(role("shop"), "/health")).toMatchObject({ status: 403 });
  });

  it("relays its caller's commits only", async () => {
    const { ask, refs } = make();
    const asked = { op: "republish", since: 1, reason: "an outage" };
    expect((await ask(role("acme-ops"), asked)).body).toEqual({ commits: 1 });
    expect(refs).toMatchObject([{ tenant: "acme" }]);
  });

  it("shows every tenant's letters to an operator of all tenants, and rejects unknown callers", async () => {
    const { ask, letter } = make();
    await letter("m1", ACME);
    await letter("m2", SHOP);
    expect((await ask(sessionOf("ops", "eve"), LIST)).body).toMatchObject({ letters: [{}, {}] });
    expect((await ask(role("stranger"), LIST)).status).toBe(403);
  });

  it("is closed to a caller with all session rights that lacks the right to operate", async () => {
    const { ask } = make();
    const { status, body } = await ask(role("acme-app"), LIST);
    expect(status).toBe(403);
    expect(body).toMatchObject({ detail: expect.stringContaining('lacks the right "operate"') as string });
    expect((await make({}).ask(role("acme-ops"), LIST)).status).toBe(403);
  });

  it("changes nothing without a reason, and keeps the caller and the reason with the letter and in the log", async () => {
    const { ask, letter, box } = make();
    const id = await letter("m1", ACME);
    for (const reason of [undefined, "", 7])
      for (const op of ["redrive", "discard"])
        expect((await ask(role("acme-ops"), { op, letter: id, reason })).status).toBe(400);
    // What the body says of who asks is refused, and changes nothing of who does.
    expect(
      (await ask(role("acme-ops"), { op: "discard", letter: id, reason: "x", by: role("ops") })).status,
    ).toBe(400);
    const who = sessionOf("acme-ops", "ada");
    lines.length = 0;
    expect((await ask(who, { op: "discard", letter: id, reason: "a test of ours" })).status).toBe(200);
    const [noted] = (await box.list("letters/", 10)).filter((key) => key.endsWith("/discarded"));
    const signed = { by: role("acme-ops"), person: "ada", reason: "a test of ours" };
    expect(JSON.parse((await box.get(noted ?? "")) ?? "")).toMatchObject(signed);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      service: "operator",
      operation: { ...signed, op: "discard", letter: id },
    });
  });

  it("accepts POST requests to its URL, and explains what is wrong with others", async () => {
    const { ask } = make();
    expect((await ask(role("ops"), LIST, "PUT")).status).toBe(405);
    expect((await ask(role("ops"), { op: "burn" })).status).toBe(400);
  });

  it("confirms letters for the execution that watches them", async () => {
    const { call, letter } = make();
    await letter("m1", ACME);
    const watch = { bucket: "letters-0", round: 1, after: "", missing: 0, waitSeconds: 30 };
    expect(await call({ confirm: watch }, context)).toMatchObject({ next: "done" });
  });

  it("accepts no records, whatever they contain, so none can become an input", async () => {
    const { call, sent, box } = make();
    const input = {
      kind: "human",
      source: role("nobody"),
      id: "1",
      hash: "h",
      correlation: "1",
      ask: "a",
      value: true,
    };
    for (const queue of [
      "spine-inbox.fifo",
      "spine-inbox-dead.fifo",
      "spine-deadlines",
      "spine-answers.fifo",
    ]) {
      const record = {
        body: JSON.stringify({ ...ACME, input }),
        eventSourceARN: `arn:aws:sqs:eu-west-1:1:${queue}`,
      };
      await expect(call({ Records: [record] }, context)).rejects.toMatchObject({ code: "input.malformed" });
    }
    expect(sent).toEqual([]);
    expect(await box.list("", 10)).toEqual([]);
  });
});
