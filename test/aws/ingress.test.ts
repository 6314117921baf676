import type { LambdaFunctionURLEventWithIAMAuthorizer } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { callersText, parseCallers, type Callers } from "#aws/lambda/callers.ts";
import { createTenants } from "#aws/lambda/tenants.ts";
import { serveUrl } from "#functions/ingress/serve-url.ts";
import type { HttpRequest } from "#runtime/doors/http/http-message.ts";
import { TRACEPARENT } from "./samples.ts";

const SESSION_ARN = "arn:aws:sts::111122223333:assumed-role/shop/i-1234";
const NOW = Date.UTC(2030, 0, 1);
const ROLE_ARN = "arn:aws:iam::111122223333:role/shop";

describe("tenants", () => {
  it("are one for every caller when none is configured", () => {
    const tenants = createTenants({});
    expect(tenants.ofPrincipal(SESSION_ARN)).toEqual({
      tenant: "default",
      source: ROLE_ARN,
      person: "i-1234",
      rights: ["send"],
    });
    expect(tenants.ofBus("111122223333", "com.shop")).toEqual({
      tenant: "default",
      source: "111122223333/com.shop",
      rights: ["send"],
    });
  });

  it("follow the most specific entry, and a caller without one has no tenant", () => {
    const tenants = createTenants({
      tenants: { [ROLE_ARN]: "shop", "111122223333": "house", "444455556666/com.crm": "crm" },
    });
    expect(tenants.ofPrincipal(SESSION_ARN)?.tenant).toBe("shop");
    expect(tenants.ofPrincipal("arn:aws:iam::111122223333:user/ada")?.tenant).toBe("house");
    expect(tenants.ofPrincipal("arn:aws:iam::999999999999:user/eve")).toBeUndefined();
    expect(tenants.ofPrincipal("constructor")).toBeUndefined();
    expect(tenants.ofBus("444455556666", "com.crm")?.tenant).toBe("crm");
    expect(tenants.ofBus("444455556666", "com.other")).toBeUndefined();
  });

  it("give each caller the rights of its most specific entry, and only `send` without one", () => {
    const tenants = createTenants({
      rights: { [ROLE_ARN]: ["read"], "111122223333": ["send", "answer"], "444455556666/com.crm": [] },
    });
    expect(tenants.ofPrincipal(SESSION_ARN)?.rights).toEqual(["read"]);
    expect(tenants.ofPrincipal("arn:aws:iam::111122223333:user/ada")?.rights).toEqual(["send", "answer"]);
    expect(tenants.ofPrincipal("arn:aws:iam::444455556666:user/eve")?.rights).toEqual(["send"]);
    expect(tenants.ofBus("444455556666", "com.crm")?.rights).toEqual([]);
    const everybody = createTenants({ rights: { "*": ["read"], "111122223333": ["send"] } });
    expect(everybody.ofPrincipal("arn:aws:iam::444455556666:user/eve")?.rights).toEqual(["read"]);
    expect(everybody.ofPrincipal(SESSION_ARN)?.rights).toEqual(["send"]);
  });

  it("are found among 500 principals, each with its own tenant and rights", () => {
    const arnOf = (at: number) => `arn:aws:iam::111122223333:role/producer-with-a-rather-long-name-${at}`;
    const all = Array.from({ length: 500 }, (_, at) => at);
    const given: Callers = {
      tenants: Object.fromEntries(all.map((at) => [arnOf(at), `tenant-${at}`])),
      rights: Object.fromEntries(all.map((at) => [arnOf(at), at % 2 === 0 ? ["send", "read"] : ["answer"]])),
    };
    const tenants = createTenants(parseCallers(callersText(given)));
    for (const at of all) {
      const { tenant, rights } = tenants.ofPrincipal(arnOf(at)) ?? {};
      expect([tenant, rights]).toEqual([`tenant-${at}`, at % 2 === 0 ? ["send", "read"] : ["answer"]]);
    }
  });

  it.each([
    "[]",
    '{"tenants":[]}',
    '{"tenants":{"a":"no tenant!"}}',
    '{"rights":{"a":["all"]}}',
    '{"rights":{"a":"send"}}',
  ])("are rejected when malformed, at the function's start: %s", (text) => {
    expect(() => parseCallers(text)).toThrow(/callers\.json|tenant/);
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
  const serve = async (event: LambdaFunctionURLEventWithIAMAuthorizer, tenants = createTenants({})) => {
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

  it("has the IAM principal as its caller, whatever was sent", async () => {
    const { response, request } = await serve(urlEvent());
    expect(request).toEqual({
      method: "POST",
      path: "/sessions/s-1/events",
      query: { after: "3", x: "a b" },
      headers: { "content-type": "application/json", prefer: "wait=5", "x-tenant": "evil" },
      body: '{"type":"Asked"}',
      caller: { tenant: "default", source: ROLE_ARN, person: "i-1234", rights: ["send"] },
      endsAt: NOW + 30_000,
    });
    expect(response).toEqual({ statusCode: 202, headers: { location: "/there" }, body: "{}" });
  });

  it("is rejected when its principal belongs to no tenant", async () => {
    const { response, request } = await serve(urlEvent(), createTenants({ tenants: {} }));
    expect(response).toMatchObject({ statusCode: 403 });
    expect(JSON.parse(response.body ?? "")).toMatchObject({
      type: "urn:event-spine:problem:caller.unknown",
      title: "Not allowed",
    });
    expect(request).toBeUndefined();
  });

  it("may be base64-encoded", async () => {
    const body = Buffer.from('{"type":"Größe"}').toString("base64");
    const { request } = await serve(urlEvent({ body, isBase64Encoded: true }));
    expect(request?.body).toBe('{"type":"Größe"}');
  });

  it("passes its traceparent to the event, unless the event has one or the header is invalid", async () => {
    const headers = { traceparent: TRACEPARENT };
    const bodies = async (more: object) => (await serve(urlEvent(more))).request?.body;
    expect(await bodies({ headers })).toBe(`{"type":"Asked","traceparent":"${TRACEPARENT}"}`);
    expect(await bodies({ headers: { traceparent: "nonsense" } })).toBe('{"type":"Asked"}');
    const own = '{"traceparent":"own"}';
    expect(await bodies({ headers, body: own })).toBe(own);
    expect(await bodies({ headers, body: "not JSON" })).toBe("not JSON");
    const nested = (depth: number) => `{"data":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    expect(await bodies({ headers, body: nested(64) })).toContain(TRACEPARENT);
    expect(await bodies({ headers, body: nested(65) })).toBe(nested(65));
    expect(await bodies({ headers, body: nested(100_000) })).toBe(nested(100_000));
    expect(await bodies({ headers, rawPath: "/sessions/s-1/commands" })).toBe('{"type":"Asked"}');
  });
});
