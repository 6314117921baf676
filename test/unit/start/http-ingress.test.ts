import * as z from "zod";
import { describe, expect, it } from "vitest";
import { defineAgent } from "#core/contract.ts";
import { SpineError, type SpineErrorCode } from "#core/errors.ts";
import { defineFlow, human, sequence, step, transform, waitFor } from "#core/flow/build.ts";
import type { TenantId } from "#core/ids.ts";
import { RIGHTS } from "#core/rights.ts";
import { createMovableClock } from "#memory/movable-clock.ts";
import { createHttpIngress } from "#runtime/doors/create-http-ingress.ts";
import type { HttpRequest } from "#runtime/doors/http/http-message.ts";
import { waitOf } from "#runtime/doors/http/prefer.ts";
import { problemOf } from "#runtime/doors/http/problem.ts";
import { inProcessSpine } from "#testing/index.ts";

const greeter = defineAgent({ name: "greeter", output: z.string(), retries: { max: 0, backoffMs: 1 } });
const greeting = defineFlow({ name: "greeting", on: "GreetingAsked", plan: step(greeter) });
const failing = () =>
  inProcessSpine({
    flows: [greeting],
    agents: [
      greeter.implement(() => {
        throw new Error("No greeting today.");
      }),
    ],
  });

const request = (method: string, path: string, body?: unknown): HttpRequest => ({
  method,
  path,
  query: {},
  headers: { "content-type": "application/json", prefer: "wait=10" },
  ...(body !== undefined && { body: JSON.stringify(body) }),
  caller: { tenant: "local" as TenantId, source: "test", rights: RIGHTS },
});

describe("the HTTP ingress", () => {
  it("returns the failure of a run as a reply", async () => {
    const handle = createHttpIngress(failing().engine);
    const { status, body } = await handle(request("POST", "/sessions/s1/events", { type: "GreetingAsked" }));
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({
      sequence: 1,
      reply: { failed: true, body: { message: expect.stringMatching(/No greeting today/) as string } },
    });
  });

  it("reveals the logs' digests of a correlation only to callers that may read", async () => {
    const digests = {
      digest: () => Promise.resolve(""),
      digests: (text: string) =>
        Promise.resolve([`now-of-${text}`, `before-of-${text}`].map((one) => one.padEnd(43, "-"))),
    };
    const handle = createHttpIngress({ ...failing().engine, digests });
    const asked = request("POST", "/correlations", { correlation: "ada@example.invalid" });
    const { status, body } = await handle(asked);
    expect([status, JSON.parse(body)]).toEqual([200, { digests: ['now-of-["local",', 'before-of-["loca'] }]);
    const sender = { ...asked.caller, rights: ["send"] as const };
    expect((await handle({ ...asked, caller: sender })).status).toBe(403);
    for (const wrong of [{}, { correlation: "a\u0007" }, { correlation: "a", more: 1 }])
      expect((await handle(request("POST", "/correlations", wrong))).status).toBe(400);
    expect((await handle(request("GET", "/correlations"))).status).toBe(405);
  });

  it("reads a log of large events in pages that a function can answer with, each event once", async () => {
    const noting = defineFlow({ name: "noting", on: "Noted", plan: transform({ n: "input.n" }) });
    const spine = inProcessSpine({ flows: [noting], agents: [] });
    const handle = createHttpIngress(spine.engine);
    const text = '"'.repeat(100_000);
    for (let n = 0; n < 12; n += 1) {
      const sent = await handle(request("POST", "/sessions/s1/events", { type: "Noted", data: { n, text } }));
      expect(sent.status).toBe(200);
    }
    const read: number[] = [];
    let pages = 0;
    for (let after: string | undefined = "0"; after !== undefined; pages += 1) {
      const { body, headers } = await handle({ ...request("GET", "/sessions/s1/events"), query: { after } });
      // As a function URL carries it.
      expect(JSON.stringify({ body }).length).toBeLessThan(6_000_000);
      const page = JSON.parse(body) as readonly { readonly sequence: string }[];
      read.push(...page.map(({ sequence: at }) => Number(at)));
      after = /after=(\d+)/.exec(headers["link"] ?? "")?.[1];
    }
    const events = await spine.reader.events(spine.key("s1"));
    expect(read).toEqual(events.map(({ sequence: at }) => at));
    expect(pages).toBeGreaterThan(1);
    await spine.close();
  });

  it("does not quote a body that is not JSON", async () => {
    const handle = createHttpIngress(failing().engine);
    const broken = { ...request("POST", "/sessions/s1/events"), body: '{"data": ada@example.invalid}' };
    const { status, body } = await handle(broken);
    expect(status).toBe(400);
    expect(body).toContain("is not JSON");
    expect(body).not.toContain("ada");
  });

  it("answers 202 before the connection times out, and says how long it waited", async () => {
    const start = Date.UTC(2030, 0, 1);
    const clock = createMovableClock(start);
    const plan = sequence(waitFor("Begun"), human({ ask: "Who?" }), waitFor("Never"));
    const asking = defineFlow({ name: "asking", on: "GreetingAsked", plan });
    const spine = inProcessSpine({ flows: [asking], agents: [], clock });
    const handle = createHttpIngress(spine.engine);
    const held = async (asked: HttpRequest) => {
      const from = clock.now();
      const headers = { ...asked.headers, prefer: "wait=60" };
      const answered = handle({ ...asked, headers, endsAt: from + 30_000 }).then(
        ({ status, headers: given }) => ({
          status,
          applied: given["preference-applied"],
          after: clock.now() - from,
        }),
      );
      await clock.runBy(30_000);
      return answered;
    };
    const inTime = { status: 202, applied: "wait=26", after: 26_500 };
    expect(await held(request("POST", "/sessions/s1/events", { type: "GreetingAsked" }))).toEqual(inTime);
    await handle(request("POST", "/sessions/s1/events", { type: "Begun" }));
    const asked = (await spine.reader.events(spine.key("s1"))).find(({ type }) => type === "HumanAsked");
    const ask = asked?.type === "HumanAsked" ? asked.data.ask : "";
    const answer = held(request("POST", `/sessions/s1/asks/${ask}`, { value: 1 }));
    expect(await answer).toMatchObject({ status: 202, applied: "wait=26" });
    await spine.close();
  });

  it("answers 423 at every door of a session whose log cannot be read", async () => {
    const spine = failing();
    await spine.engine.log.append(spine.key("s1"), { first: 1, last: 1, text: "{", snapshot: false });
    const handle = createHttpIngress(spine.engine);
    const doors = [
      request("POST", "/sessions/s1/events", { type: "GreetingAsked" }),
      request("POST", "/sessions/s1/asks/a1", { value: 1 }),
      request("POST", "/sessions/s1/commands", { type: "stop", reason: "broken" }),
      request("GET", "/sessions/s1/state"),
      request("GET", "/sessions/s1/explain"),
      request("GET", "/sessions/s1/events"),
    ];
    for (const door of doors) expect(await handle(door)).toMatchObject({ status: 423 });
  });

  it("returns Retry-After when a retry can help", () => {
    const answer = (code: SpineErrorCode, retryable: boolean) => {
      const { status, headers } = problemOf(new SpineError(code, "No.", { retryable }));
      return [status, headers["retry-after"]];
    };
    expect(answer("session.contended", true)).toEqual([503, "1"]);
    expect(answer("session.full", true)).toEqual([429, "1"]);
    expect(answer("input.conflict", false)).toEqual([409, undefined]);
  });

  it("answers 429 to a tenant over its quota, with the seconds to retry after", async () => {
    const quota = { take: () => Promise.resolve({ type: "over", retryAfterMs: 2_300 } as const) };
    const handle = createHttpIngress(failing().engine, { quota });
    const { status, headers, body } = await handle(
      request("POST", "/sessions/s1/events", { type: "GreetingAsked" }),
    );
    expect({ status, retryAfter: headers["retry-after"] }).toEqual({ status: 429, retryAfter: "3" });
    expect(headers["content-type"]).toBe("application/problem+json");
    expect(JSON.parse(body)).toMatchObject({
      type: "urn:event-spine:problem:tenant.over-quota",
      problems: [{ field: "tenant", repair: "Send it again, under the same id, in 3 s." }],
    });
  });

  it("reveals no details of an unknown error", () => {
    const { status, body } = problemOf(new Error("password is 1234"));
    expect(status).toBe(500);
    expect(body).not.toContain("1234");
  });
});

describe("Prefer", () => {
  it.each([
    ["wait=10", 10],
    ["WAIT = 10", 10],
    ['respond-async, wait="5"', 5],
    ["wait=600", 60],
    ["wait=0", 0],
    ["wait=-1", undefined],
    ["wait=soon", undefined],
    ["return=minimal", undefined],
    [undefined, undefined],
  ])("%s means to wait for %s", (header, seconds) => {
    expect(waitOf(header)).toBe(seconds);
  });
});
