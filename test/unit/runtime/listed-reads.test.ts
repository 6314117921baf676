import * as z from "zod";
import { afterEach, describe, expect, it } from "vitest";
import { defineAgent } from "#core/contract.ts";
import { defineFlow, human, sequence, step, waitFor } from "#core/flow/build.ts";
import { parseSessionKey, parseTenantId } from "#core/ids.ts";
import { emptyOutline } from "#core/session/summary/outline.ts";
import type { SessionRow } from "#core/session/summary/summary.ts";
import { createMemorySessionIndex } from "#memory/memory-session-index.ts";
import { createHttpIngress, type HttpIngress } from "#runtime/doors/create-http-ingress.ts";
import { createListedReads } from "#runtime/doors/http/listed-reads.ts";
import type { HttpResponse } from "#runtime/doors/http/http-message.ts";
import { inProcessSpine, type InProcessSpine } from "#testing/index.ts";
import { inProcessClient } from "../../support/in-process-client.ts";
import { runCommand } from "../../support/run-command.ts";

const greeter = defineAgent({ name: "greeter", output: z.string(), retries: { max: 0, backoffMs: 1 } });
const answer = z.object({ yes: z.boolean() });
const flows = [
  defineFlow({ name: "greet", on: "Greet", plan: step(greeter) }),
  defineFlow({ name: "pay", on: "Pay", plan: waitFor("Paid", { timeoutMs: 60_000 }) }),
  defineFlow({
    name: "visit",
    on: "Visit",
    plan: sequence(human({ ask: "May we come?", answer, into: "may", timeoutMs: 3_600_000 }), step(greeter)),
  }),
];

const spines: InProcessSpine[] = [];
afterEach(async () => {
  await Promise.all(spines.splice(0).map((spine) => spine.close()));
});

function started() {
  const agents = [
    greeter.implement(({ context }) => {
      if ((context.input as { fail?: boolean } | null)?.fail) throw new Error("No.");
      return "Hello";
    }),
  ];
  const spine = inProcessSpine({ flows, agents });
  spines.push(spine);
  const http = createHttpIngress(spine.engine, {
    listed: () => Promise.resolve(createListedReads(spine.engine, spine.sessionIndex)),
  });
  return { spine, client: inProcessClient(spine, "web"), http };
}

async function played() {
  const all = started();
  const { spine, client } = all;
  const send = async (session: string, type: string, data = {}) => {
    await client.send(session, { id: `${session}-${type}`, type, data });
    await spine.idle();
  };
  await send("greeted", "Greet");
  await send("failed", "Greet", { fail: true });
  await send("paying", "Pay");
  await send("visit", "Visit");
  return { ...all, send };
}

const get = async (http: HttpIngress, path: string, tenant = "local", rights = ["read"] as const) => {
  const { pathname, searchParams } = new URL(path, "http://spine");
  const query = Object.fromEntries(searchParams);
  const caller = { tenant: parseTenantId(tenant), source: "web", rights };
  return http({ method: "GET", path: pathname, query, headers: {}, caller });
};
const bodyOf = ({ body }: HttpResponse) => JSON.parse(body) as Record<string, unknown>;
const namesIn = (response: HttpResponse): readonly string[] =>
  (bodyOf(response)["sessions"] as readonly SessionRow[]).map(({ session }) => session).toSorted();

describe("GET /sessions", () => {
  it("lists what each session does, and finds it by state, flow and problem, alone and together", async () => {
    const { http } = await played();
    expect(namesIn(await get(http, "/sessions"))).toEqual(["failed", "greeted", "paying", "visit"]);
    expect(namesIn(await get(http, "/sessions?state=idle"))).toEqual(["failed", "greeted"]);
    expect(namesIn(await get(http, "/sessions?state=waiting,asking"))).toEqual(["paying", "visit"]);
    expect(namesIn(await get(http, "/sessions?flow=greet"))).toEqual(["failed", "greeted"]);
    expect(namesIn(await get(http, "/sessions?problem=any"))).toEqual(["failed"]);
    expect(namesIn(await get(http, "/sessions?problem=failed&state=idle&flow=greet"))).toEqual(["failed"]);
    expect(namesIn(await get(http, "/sessions?problem=failed&state=running"))).toEqual([]);
    expect(namesIn(await get(http, "/sessions?flow=pay&state=idle"))).toEqual([]);
  });

  it("takes any condition over a row as a filter", async () => {
    const { http } = await played();
    const filtered = async (filter: string) =>
      namesIn(await get(http, `/sessions?filter=${encodeURIComponent(filter)}`));
    expect(await filtered('state == "waiting" && waitsFor.name == "Paid"')).toEqual(["paying"]);
    expect(await filtered("has(problem.kind)")).toEqual(["failed"]);
    expect(await filtered('flows.exists(f, f.name == "visit" && f.runs > 0)')).toEqual(["visit"]);
    expect(await filtered('"greeter" in agents && tokens == 0 && now - startedAt < 600000')).toEqual([
      "failed",
      "greeted",
    ]);
  });

  it.each([
    ["/sessions?state=sleeping", "state"],
    ["/sessions?problem=bad", "problem"],
    ["/sessions?flow=A%20B", "flow"],
    ["/sessions?limit=0", "limit"],
    ["/sessions?limit=201", "limit"],
    ["/sessions?cursor=x", "cursor"],
    ["/sessions?filter=state%20%3D%3D", "filter"],
    ["/sessions?filter=nothing%20%3D%3D%201", "filter"],
    ["/questions?cursor=x", "cursor"],
  ])("rejects %s with field, problem and repair", async (path, field) => {
    const { http } = started();
    const response = await get(http, path);
    expect(response.status).toBe(400);
    expect(bodyOf(response)["problems"]).toMatchObject([
      { field, problem: expect.any(String) as string, repair: expect.any(String) as string },
    ]);
  });

  it("needs the right to read, and shows a tenant its own", async () => {
    const { http } = await played();
    expect((await get(http, "/sessions", "local", [] as never)).status).toBe(403);
    expect((await get(http, "/questions", "local", [] as never)).status).toBe(403);
    expect(bodyOf(await get(http, "/sessions", "other"))).toEqual({ sessions: [], scanned: 0 });
    expect(bodyOf(await get(http, "/questions", "other"))).toEqual({ questions: [], scanned: 0 });
  });

  it("says so where sessions are not listed", async () => {
    const { spine } = started();
    const response = await get(createHttpIngress(spine.engine), "/sessions");
    expect(response.status).toBe(404);
    expect(response.body).toContain("sessionIndex");
  });

  it("reads at most 500 rows a request, and goes on where it stopped, each row once", async () => {
    const { spine } = started();
    const index = createMemorySessionIndex();
    for (let at = 0; at < 1_200; at += 1) {
      const { tenant, session } = parseSessionKey({ tenant: "local", session: `s${at}` });
      const row: SessionRow = {
        ...{ session, state: "idle", sequence: 1, startedAt: at, lastAt: at, flows: [], agents: [] },
        ...{ tokens: at % 400 === 7 ? 1 : 0, money: 0 },
      };
      await index.put({ tenant, session }, { row, base: emptyOutline(at) });
    }
    const http = createHttpIngress(spine.engine, {
      listed: () => Promise.resolve(createListedReads(spine.engine, index)),
    });
    const found: string[] = [];
    const scanned: unknown[] = [];
    for (let path: string | undefined = "/sessions?filter=tokens%20%3E%200"; path !== undefined;) {
      const page: HttpResponse = await get(http, path);
      found.push(...namesIn(page));
      scanned.push(bodyOf(page)["scanned"]);
      path = /^<([^>]+)>/.exec(page.headers["link"] ?? "")?.[1];
    }
    expect(found).toEqual(["s807", "s407", "s7"]);
    expect(scanned).toEqual([500, 500, 200]);

    const client = inProcessClient({ ...spine, sessionIndex: index }, "web");
    const all: string[] = [];
    for (let cursor: string | undefined, more = true; more;) {
      const page = await client.sessions({ limit: 170, ...(cursor !== undefined && { cursor }) });
      all.push(...page.sessions.map(({ session }) => session));
      cursor = page.next;
      more = cursor !== undefined;
    }
    expect(all).toEqual(Array.from({ length: 1_200 }, (_, at) => `s${1_199 - at}`));
  });
});

describe("GET /questions", () => {
  it("tells each open question with what it takes to answer it, the soonest due first", async () => {
    const { client, send, spine } = await played();
    await send("another", "Visit");
    const { questions } = await client.questions();
    expect(questions.map(({ session }) => session).toSorted()).toEqual(["another", "visit"]);
    expect(questions).toEqual(questions.toSorted((a, b) => a.dueAt - b.dueAt));
    const first = questions.find(({ session }) => session === "visit");
    const log = await spine.reader.events(spine.key("visit"));
    expect(first).toMatchObject({
      question: "May we come?",
      flow: "visit",
      askedAt: log.find(({ type }) => type === "HumanAsked")?.sequence,
      schema: { type: "object", required: ["yes"] },
    });
    await client.answer("visit", first?.ask ?? "", { id: "a1", value: { yes: true } });
    await spine.idle();
    expect((await client.questions()).questions.map(({ session }) => session)).toEqual(["another"]);
  });
});

describe("spine sessions", () => {
  it("prints a line a session, and how to go on", async () => {
    const { client } = await played();
    const lines = await runCommand(client, "sessions", "--state", "waiting,asking");
    expect(lines).toMatch(/paying +waiting +\S+ +pay \(1\) +event Paid until \S+/);
    expect(lines).toMatch(/visit +asking .*person plan\/0/);
    expect(lines).toContain("2 of 2 sessions");
    expect(await runCommand(client, "sessions", "--problem", "any")).toMatch(/failed +idle .* failed/);
    const page = await runCommand(client, "sessions", "--limit", "1");
    expect(page).toMatch(/There are more: .* sessions --limit '1' --cursor '\d{15}\//);
    expect(JSON.parse(await runCommand(client, "sessions", "--json"))).toHaveProperty("scanned", 4);
  });
});
