import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { defineAgent } from "#core/contract.ts";
import { defineFlow, step } from "#core/flow/build.ts";
import type { TenantId } from "#core/ids.ts";
import { RIGHTS } from "#core/rights.ts";
import { createHttpIngress, type HttpIngress } from "#runtime/doors/create-http-ingress.ts";
import type { HttpRequest } from "#runtime/doors/http/http-message.ts";
import { inProcessSpine, type InProcessSpine } from "#testing/index.ts";
import { createForward } from "../../../scripts/start/forward.ts";
import { startHttpServer, type RunningHttpServer } from "#local/http/http-server.ts";
import { userArn } from "#local/local-spine.ts";

const greeter = defineAgent({ name: "greeter", reads: ["input"], output: z.string() });
const greeting = defineFlow({ name: "greeting", on: "Asked", plan: step(greeter) });
const tenant = "local" as TenantId;
const DAY_MS = 86_400_000;

let spine: InProcessSpine;
let ingress: RunningHttpServer;
let forward: HttpIngress;
let now: number;

beforeEach(async () => {
  spine = inProcessSpine({ flows: [greeting], agents: [greeter.implement(() => "Hello")] });
  const handle = createHttpIngress(spine.engine);
  ingress = await startHttpServer({
    port: 0,
    tenant,
    // The function's URL knows a producer by its signature.
    handle: (request) =>
      handle({
        ...request,
        caller: { tenant, source: userArn(request.headers["authorization"] ?? ""), rights: RIGHTS },
      }),
  });
  now = new Date(2030, 11, 31, 23, 59).getTime();
  forward = createForward({
    ingressUrl: ingress.url,
    authorize: (producer) => () => Promise.resolve({ authorization: producer }),
    now: () => new Date(now),
  });
});
afterEach(async () => {
  await ingress.close();
  await spine.close();
});

const post = async (session: string, body: object, source = "web") => {
  const request: HttpRequest = {
    method: "POST",
    path: `/sessions/${session}/events`,
    query: {},
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    caller: { tenant, source, rights: RIGHTS },
  };
  const answered = await forward(request);
  return { status: answered.status, body: JSON.parse(answered.body) as object };
};

describe("the front of a local spine", () => {
  it("accepts an event once when it is repeated after midnight, and gives a later one its own day", async () => {
    const event = { id: "m1", type: "Asked", data: { text: "tomorrow, please" } };
    const first = await post("night", event);
    expect(first).toMatchObject({ status: 202, body: { sequence: 1 } });
    now += 60_000;
    expect(await post("night", event)).toEqual(first);
    expect(await post("night", { ...event, id: "m2" })).toMatchObject({ status: 202 });
    await spine.idle();
    const { context } = await spine.reader.current(spine.key("night"));
    expect(context).toMatchObject({ session: { today: "2031-01-01" } });
  });

  it("accepts an event once when it is repeated after another one has changed the session's facts", async () => {
    const event = { id: "m1", type: "Asked", data: {} };
    const first = await post("renamed", event);
    for (let day = 1; day <= 60; day += 1) {
      now += DAY_MS;
      await post("renamed", { id: `ada-${day}`, type: "Asked", data: {}, session: { who: `Ada ${day}` } });
      await spine.idle();
    }
    expect(await post("renamed", event)).toEqual(first);
  });

  it("lets the ingress reject values nested too deep to be serialized again", async () => {
    for (const depth of [66, 100_000]) {
      const body = `{"type": "Asked", "data": ${"[".repeat(depth)}${"]".repeat(depth)}}`;
      const request = { method: "POST", path: "/sessions/deep/events", query: {}, body };
      const headers = { "content-type": "application/json" };
      const answered = await forward({
        ...request,
        headers,
        caller: { tenant, source: "web", rights: RIGHTS },
      });
      expect(answered.status).toBe(400);
      expect(JSON.parse(answered.body)).toMatchObject({
        type: "urn:event-spine:problem:input.malformed",
        problems: [{ problem: "is nested deeper than 64 levels", repair: "Flatten it." }],
      });
    }
  });

  it("leaves a conflict a conflict: another body, and another producer's event with the same id", async () => {
    await post("odd", { id: "m1", type: "Asked", data: { n: 1 } });
    now += DAY_MS;
    expect(await post("odd", { id: "m1", type: "Asked", data: { n: 2 } })).toMatchObject({ status: 409 });
    expect(await post("odd", { id: "m1", type: "Asked", data: { n: 2 } }, "phone")).toMatchObject({
      status: 202,
    });
  });
});
