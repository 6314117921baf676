import type { Context, LambdaFunctionURLEventWithIAMAuthorizer, SQSRecord } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { createObserver } from "#aws/observe.ts";
import { readTenants } from "#aws/tenants.ts";
import { SpineError } from "#core/errors.ts";
import { serveUrl } from "#functions/ingress/serve-url.ts";
import { secondsToPutOff } from "#functions/ingress/put-off.ts";
import { takeIntake, type GivenUp, type IntakePorts, type PutOff } from "#functions/ingress/take-intake.ts";
import { createSeededIds } from "#memory/seeded-ids.ts";
import type { Caller } from "#runtime/create-ingress.ts";
import type { HttpRequest } from "#runtime/http/message.ts";
import { TRACEPARENT } from "./samples.ts";

const SESSION_ARN = "arn:aws:sts::111122223333:assumed-role/shop/i-1234";
const NOW = Date.UTC(2030, 0, 1);
const ROLE_ARN = "arn:aws:iam::111122223333:role/shop";

describe("tenants", () => {
  it("are one, whoever calls, where nothing else is said", () => {
    const tenants = readTenants(undefined);
    expect(tenants.ofPrincipal(SESSION_ARN)).toEqual({ tenant: "default", source: ROLE_ARN });
    expect(tenants.ofBus("111122223333", "com.shop")).toEqual({
      tenant: "default",
      source: "111122223333/com.shop",
    });
  });

  it("follow the most exact entry, and whoever has none is nobody", () => {
    const tenants = readTenants(
      JSON.stringify({ [ROLE_ARN]: "shop", "111122223333": "house", "444455556666/com.crm": "crm" }),
    );
    expect(tenants.ofPrincipal(SESSION_ARN)?.tenant).toBe("shop");
    expect(tenants.ofPrincipal("arn:aws:iam::111122223333:user/ada")?.tenant).toBe("house");
    expect(tenants.ofPrincipal("arn:aws:iam::999999999999:user/eve")).toBeUndefined();
    expect(tenants.ofBus("444455556666", "com.crm")?.tenant).toBe("crm");
    expect(tenants.ofBus("444455556666", "com.other")).toBeUndefined();
  });

  it("are refused when they are malformed, at the function's start", () => {
    expect(() => readTenants("[]")).toThrow("TENANTS");
    expect(() => readTenants('{"a":"no tenant!"}')).toThrow("tenant");
  });
});

describe("a request to the function's URL", () => {
  // Only these fields of the event are read.
  const urlEvent = (more: object = {}) =>
    ({
      rawPath: "/sessions/s-1/events",
      rawQueryString: "after=3&x=a%20b",
      headers: { "content-type": "application/json", prefer: "wait=5", "x-tenant": "evil" },
      body: '{"type":"Asked"}',
      isBase64Encoded: false,
      requestContext: { http: { method: "POST" }, authorizer: { iam: { userArn: SESSION_ARN } } },
      ...more,
    }) as unknown as LambdaFunctionURLEventWithIAMAuthorizer;
  const serve = async (event: LambdaFunctionURLEventWithIAMAuthorizer, tenants = readTenants(undefined)) => {
    const requests: HttpRequest[] = [];
    const response = await serveUrl(
      event,
      (request) => {
        requests.push(request);
        return Promise.resolve({ status: 202, headers: { location: "/there" }, body: "{}" });
      },
      tenants,
      NOW + 30_000,
    );
    return { response, request: requests[0] };
  };

  it("becomes a request whose caller is the IAM principal and nothing that was sent", async () => {
    const { response, request } = await serve(urlEvent());
    expect(request).toEqual({
      method: "POST",
      path: "/sessions/s-1/events",
      query: { after: "3", x: "a b" },
      headers: { "content-type": "application/json", prefer: "wait=5", "x-tenant": "evil" },
      body: '{"type":"Asked"}',
      caller: { tenant: "default", source: ROLE_ARN },
      endsAt: NOW + 30_000,
    });
    expect(response).toEqual({ statusCode: 202, headers: { location: "/there" }, body: "{}" });
  });

  it("is refused when its principal belongs to no tenant", async () => {
    const { response, request } = await serve(urlEvent(), readTenants("{}"));
    expect(response).toMatchObject({ statusCode: 403 });
    expect(request).toBeUndefined();
  });

  it("may be encoded", async () => {
    const body = Buffer.from('{"type":"Größe"}').toString("base64");
    const { request } = await serve(urlEvent({ body, isBase64Encoded: true }));
    expect(request?.body).toBe('{"type":"Größe"}');
  });

  it("hands its traceparent to the event, unless the event has one or the header is none", async () => {
    const headers = { traceparent: TRACEPARENT };
    const bodies = async (more: object) => (await serve(urlEvent(more))).request?.body;
    expect(await bodies({ headers })).toBe(`{"type":"Asked","traceparent":"${TRACEPARENT}"}`);
    expect(await bodies({ headers: { traceparent: "nonsense" } })).toBe('{"type":"Asked"}');
    const own = '{"traceparent":"own"}';
    expect(await bodies({ headers, body: own })).toBe(own);
    expect(await bodies({ headers, body: "not JSON" })).toBe("not JSON");
    expect(await bodies({ headers, rawPath: "/sessions/s-1/commands" })).toBe('{"type":"Asked"}');
  });
});

const down = new SpineError("log.unavailable", "Down.", { retryable: true });
const over = new SpineError("tenant.over-quota", "Too much.", {
  retryable: true,
  details: { retryAfterMs: 2_500 },
});

describe("an event of spine-in", () => {
  const envelope = (detail: unknown, more: object = {}) =>
    JSON.stringify({
      id: "e-1",
      account: "111122223333",
      source: "com.shop",
      "detail-type": "OrderPlaced",
      detail,
      ...more,
    });
  const take = async (
    bodies: readonly string[],
    tenants = readTenants(undefined),
    { canSend = true, receives = 1 } = {},
  ) => {
    const sent: { readonly caller: Caller; readonly session: string; readonly body: unknown }[] = [];
    const late: PutOff[] = [];
    const dead: GivenUp[] = [];
    const sending = () => (canSend ? Promise.resolve() : Promise.reject(new Error("No queue.")));
    const metrics: string[] = [];
    const records = bodies.map(
      (body, index) =>
        ({
          messageId: `m${index + 1}`,
          body,
          attributes: { ApproximateReceiveCount: String(receives) },
        }) as SQSRecord,
    );
    const observer = createObserver("test", (line) => void (line.includes("_aws") && metrics.push(line)));
    const ports: IntakePorts = {
      ingress: {
        send: (caller, session, body) => {
          if (session === "broken") return Promise.reject(down);
          if (session === "stopped") return Promise.reject(new SpineError("session.stopped", "It\nwas."));
          if (session === "busy") return Promise.reject(new SpineError("input.rejected", "It is recorded."));
          if (session === "over") return Promise.reject(over);
          sent.push({ caller, session, body });
          return Promise.resolve({ session, id: "e-1", sequence: 1, duplicate: false });
        },
      },
      tenants,
      observer,
      clock: { now: () => NOW },
      ids: createSeededIds("intake"),
      putOff: (events) => {
        late.push(...events);
        return sending();
      },
      giveUp: (events) => {
        dead.push(...events);
        return sending();
      },
    };
    const failed = await observer.invocation({ awsRequestId: "r" } as Context, {}, () =>
      takeIntake(records, ports),
    );
    return { sent, failed, late, dead, metrics };
  };

  it("is sent to its session under the envelope's identity", async () => {
    const detail = { session: "s-1", data: { n: 1 }, ordinal: 2, facts: { who: "Ada" } };
    const { sent, failed } = await take([envelope(detail)]);
    expect(failed).toEqual([]);
    expect(sent).toEqual([
      {
        caller: { tenant: "default", source: "111122223333/com.shop" },
        session: "s-1",
        body: { id: "e-1", type: "OrderPlaced", data: { n: 1 }, ordinal: 2, session: { who: "Ada" } },
      },
    ]);
  });

  it("keeps its own id and type where it has them, but never another source", async () => {
    const detail = { session: "s-1", id: "own", type: "Own", account: "444455556666" };
    const { sent } = await take([envelope(detail)]);
    expect(sent).toMatchObject([
      { caller: { source: "111122223333/com.shop" }, body: { id: "own", type: "Own" } },
    ]);
  });

  it("comes again when what it needs is down, and is a dead letter when its session or form is wrong", async () => {
    const { sent, failed, dead, metrics } = await take([
      envelope({ session: "s-1" }),
      "not JSON",
      envelope({ session: "broken" }),
      envelope({}),
      envelope("text"),
      envelope({ session: "s-2" }),
    ]);
    expect(sent.map(({ session }) => session)).toEqual(["s-1", "s-2"]);
    expect(failed).toEqual(["m3"]);
    const bodies = ["not JSON", envelope({}), envelope("text")];
    expect(dead.map(({ body }) => body).toSorted()).toEqual(bodies.toSorted());
    for (const { cause } of dead) expect(cause).toMatch(/^input\.malformed: /);
    expect(metrics.join()).toContain('"EventsRefused":3');
  });

  it("is a dead letter at once, with its cause, when its session was stopped", async () => {
    const { failed, dead } = await take([envelope({ session: "stopped" }), envelope({ session: "s-1" })]);
    expect(failed).toEqual([]);
    // No control character goes into an attribute.
    expect(dead).toEqual([{ body: envelope({ session: "stopped" }), cause: "session.stopped: It was." }]);
  });

  it("is done when its session recorded it as rejected", async () => {
    const { failed, dead } = await take([envelope({ session: "busy" })]);
    expect({ failed, dead }).toEqual({ failed: [], dead: [] });
  });

  it("says why when its last receive fails too", async () => {
    const last = await take([envelope({ session: "broken" })], undefined, { receives: 10 });
    expect(last.failed).toEqual([]);
    expect(last.dead).toEqual([{ body: envelope({ session: "broken" }), cause: "log.unavailable: Down." }]);
    const before = await take([envelope({ session: "broken" })], undefined, { receives: 9 });
    expect(before.failed).toEqual(["m1"]);
  });

  it("comes again when the dead letters do not take it", async () => {
    const { failed } = await take([envelope({ session: "stopped" })], undefined, { canSend: false });
    expect(failed).toEqual(["m1"]);
  });

  it("is nobody's when its source belongs to no tenant", async () => {
    const { failed, dead } = await take(
      [envelope({ session: "s-1" })],
      readTenants('{"111122223333/com.crm":"crm"}'),
    );
    expect(failed).toEqual([]);
    expect(dead).toMatchObject([{ cause: expect.stringContaining("belongs to no tenant") as string }]);
  });

  it("goes back to the queue for later when its tenant is over its quota, and no other with it", async () => {
    const { sent, failed, late, metrics } = await take([
      envelope({ session: "over" }),
      envelope({ session: "s-1" }),
      envelope({ session: "over", data: 2 }),
    ]);
    expect(failed).toEqual([]);
    expect(sent.map(({ session }) => session)).toEqual(["s-1"]);
    expect(late).toEqual([
      { body: envelope({ session: "over" }), delaySeconds: 3 },
      { body: envelope({ session: "over", data: 2 }), delaySeconds: 3 },
    ]);
    expect(metrics.join()).toContain('"EventsPutOff":2');
  });

  it("waits longer the longer it has waited", async () => {
    const time = new Date(NOW - 600_000).toISOString();
    const { late } = await take([envelope({ session: "over" }, { time })]);
    expect(late[0]?.delaySeconds).toBeGreaterThanOrEqual(300);
  });

  it("is returned when it can neither be taken nor be put off", async () => {
    const bodies = [envelope({ session: "over" }), envelope({ session: "s-1" })];
    const { failed } = await take(bodies, undefined, { canSend: false });
    expect(failed).toEqual(["m1"]);
  });
});

describe("an event that is put off", () => {
  const delays = (waitedMs: number, retryAfterMs: number) =>
    ["a", "b", "c", "d", "e", "f"].map((seed) => secondsToPutOff(waitedMs, retryAfterMs, seed));

  it("waits for a half to one and a half times as long as before, apart from others", () => {
    const some = delays(100_000, 1_000);
    expect(Math.min(...some)).toBeGreaterThanOrEqual(50);
    expect(Math.max(...some)).toBeLessThanOrEqual(150);
    expect(new Set(some).size).toBeGreaterThan(3);
  });

  it("waits until its quota has room, whole seconds, and no longer than SQS holds it", () => {
    expect(delays(0, 7_100)).toEqual([8, 8, 8, 8, 8, 8]);
    expect(delays(-5_000, 0)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(delays(86_400_000, 1_000)).toEqual([900, 900, 900, 900, 900, 900]);
  });
});
