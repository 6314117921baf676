import { beforeEach, describe, expect, it } from "vitest";
import { originsOf } from "#core/condition-origins.ts";
import { human, reply, sequence, step } from "#core/flow/build.ts";
import { parseTenantId } from "#core/ids.ts";
import type { Json, JsonObject } from "#core/json.ts";
import { RIGHTS, type Right } from "#core/rights.ts";
import { createMemorySessionKeys } from "#memory/memory-session-keys.ts";
import { createMemorySessionLog, type MemorySessionLog } from "#memory/memory-session-log.ts";
import { createDoor } from "#runtime/doors/create-door.ts";
import { createHttpIngress, type HttpIngress } from "#runtime/doors/create-http-ingress.ts";
import { sealedBlobs, sealedLog } from "#runtime/sealing/sealed-stores.ts";
import { createSealing } from "#runtime/sealing/sealing.ts";
import {
  answerOf,
  createBench,
  digest,
  eventInput,
  flowOf,
  KEY,
  lastSent,
  ok,
  sessionKey,
  tell,
  typesOf,
  writer,
  type Bench,
} from "./engine.ts";

const asking = flowOf(sequence(step(writer), human({ ask: "May it go?" }), reply("human")));
const CALLER = { tenant: parseTenantId("acme"), source: "tests" };
const COPY = sessionKey("copy");

let bench: Bench;
let http: HttpIngress;

beforeEach(() => {
  bench = createBench({ flows: [asking] });
  http = createHttpIngress(bench.engine);
});

async function post(body: Json, { session = "visit-1", rights = RIGHTS as readonly Right[] } = {}) {
  const answer = await http({
    method: "POST",
    path: `/sessions/${session}/forks`,
    query: {},
    headers: { "content-type": "application/json" },
    caller: { ...CALLER, rights },
    body: JSON.stringify(body),
  });
  return { ...answer, told: JSON.parse(answer.body) as JsonObject };
}

/** A session whose agent has answered, and which waits for a person. */
async function written(): Promise<number> {
  await tell(bench, [eventInput("1", { pin: "needle-4711" })]);
  await createDoor(bench.engine).answer(answerOf(lastSent(bench), ok({ text: "hello" })));
  return (await bench.reader.current(KEY)).sequence;
}

const problemOf = ({ told }: { readonly told: JsonObject }) => (told["problems"] as readonly JsonObject[])[0];

describe("POST /sessions/{session}/forks", () => {
  it("begins a session, dispatches nothing that has an answer, and names the fork in the origin", async () => {
    await written();
    const sent = bench.sent.length;
    const { status, headers, told } = await post({ session: "copy", at: 4 });
    expect(status).toBe(202);
    expect(headers["location"]).toBe("/sessions/copy/events");
    expect(told).toMatchObject({
      session: "copy",
      origin: { session: "visit-1", at: 4 },
      anew: [],
      doubtful: [],
    });
    expect(bench.sent).toHaveLength(sent);
    expect((await typesOf(bench, COPY)).slice(0, 3)).toEqual(["SessionForked", "FlowStored", "RunCarried"]);
    expect((await typesOf(bench)).at(-1)).toBe("CommandGiven");
    expect((await bench.reader.current(KEY)).forks).toEqual(["copy"]);
    expect((await bench.reader.current(COPY)).fork?.recorded).toEqual([]);
  });

  it("proves its origin by the hash of the commit that holds the event", async () => {
    await written();
    const { told } = await post({ session: "copy", at: 4 });
    const stored = (await bench.log.readUpTo(KEY, 4)).at(-1);
    expect((told["origin"] as JsonObject)["hash"]).toBe(bench.engine.digest.sha256(stored?.text ?? ""));
  });

  it("says in a preview what it would do, and writes nothing", async () => {
    await written();
    const { status, told } = await post({ session: "copy", at: 4, set: { "input.pin": "x" }, preview: true });
    expect(status).toBe(200);
    expect(told).toMatchObject({
      preview: true,
      reused: [],
      anew: [{ agent: "writer" }],
      mayCost: { tokens: 0 },
    });
    expect(await typesOf(bench, COPY)).toEqual([]);
    expect(await typesOf(bench)).not.toContain("CommandGiven");
  });

  it("is the same when it is repeated, and another one under its name is refused", async () => {
    await written();
    await post({ session: "copy", at: 4 });
    const first = await typesOf(bench, COPY);
    expect((await post({ session: "copy", at: 4 })).status).toBe(202);
    expect(await typesOf(bench, COPY)).toEqual(first);
    expect((await post({ session: "copy", at: 5 })).status).toBe(409);
    expect((await post({ session: "copy", at: 4, set: { "input.pin": "x" } })).status).toBe(409);
    expect(await typesOf(bench, COPY)).toEqual(first);
  });

  it("is refused before anything is written where the session has events, its origin's own among them", async () => {
    await written();
    await tell(bench, [eventInput("2")], COPY);
    const origin = await typesOf(bench);
    for (const session of ["copy", "visit-1"]) {
      const refused = await post({ session, at: 4 });
      expect(refused.status).toBe(409);
      expect(problemOf(refused)).toMatchObject({ field: "session", repair: "Give the fork another name." });
    }
    expect(await typesOf(bench)).toEqual(origin);
  });

  it("takes another answer to a question that was open", async () => {
    const at = await written();
    const asked = (await bench.reader.events(KEY)).find((event) => event.type === "HumanAsked");
    const ask = asked?.type === "HumanAsked" ? asked.data.ask : "";
    expect((await post({ session: "copy", at, answer: { ask, value: "no" } })).status).toBe(202);
    const replies = (await bench.reader.events(COPY)).flatMap((event) =>
      event.type === "ReplySent" ? [event.data.body] : [],
    );
    expect(replies).toEqual(["no"]);
  });

  it("needs the right to command and the right to read", async () => {
    await written();
    expect((await post({ session: "copy" }, { rights: ["command"] })).status).toBe(403);
    expect((await post({ session: "copy" }, { rights: ["read"] })).status).toBe(403);
    expect((await post({ session: "copy" }, { rights: ["command", "read"] })).status).toBe(202);
  });

  it.each([
    [{ session: "copy", at: 0 }, 400, "at"],
    [{ session: "co/py" }, 400, "session"],
    [{ session: "copy", set: { "a b": 1 } }, 400, 'set "a b"'],
    [{ session: "copy", set: { "~run.x": 1 } }, 400, 'set "~run.x"'],
    [{ session: "copy", set: { "confidence.writer": "high" } }, 400, 'set "confidence.writer"'],
    [{ session: "copy", set: { session: 1 } }, 400, 'set "session"'],
    [{ session: "copy", flow: "other" }, 400, "flow"],
    [{ session: "copy", more: true }, 400, "more"],
    [{ session: "copy", at: 400 }, 404, "session"],
    [{ session: "copy", answer: { ask: "none", value: 1 } }, 409, "question"],
  ])("refuses %j with %i", async (body, status, field) => {
    await written();
    const refused = await post(body);
    expect(refused.status).toBe(status);
    expect(problemOf(refused)).toMatchObject({ field: expect.stringContaining(field) as string });
    expect(await typesOf(bench, COPY)).toEqual([]);
    expect(await typesOf(bench)).not.toContain("CommandGiven");
  });

  it("finds no session of another tenant", async () => {
    await written();
    expect((await post({ session: "copy" }, { session: "visit-2" })).status).toBe(404);
  });
});

describe("a fork of a session with personal values", () => {
  const PIN = "needle-4711";
  let log: MemorySessionLog;

  beforeEach(() => {
    log = createMemorySessionLog();
    const keys = createMemorySessionKeys();
    const sealing = createSealing({ keys, paths: { "*": ["input.pin"] }, originsOf });
    bench = createBench({
      log,
      flows: [asking],
      ports: ({ blobs }) => ({
        log: sealedLog(log, sealing, digest),
        blobs: sealedBlobs(blobs, sealing),
        personal: sealing,
      }),
    });
    http = createHttpIngress(bench.engine);
  });

  it("seals them under a key of its own, also what it may take from its origin", async () => {
    const at = await written();
    await post({ session: "copy", at: 4, set: { "session.channel": "web" } });
    const stored = (await log.readAfter(COPY, 0, 10)).map(({ text }) => text).join();
    expect(stored).toContain("SessionForked");
    expect(stored).not.toContain(PIN);
    expect(JSON.stringify(await bench.reader.current(COPY))).toContain(PIN);
    expect(at).toBeGreaterThan(4);
  });
});
