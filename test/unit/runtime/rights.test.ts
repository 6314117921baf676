import { describe, expect, it } from "vitest";
import { human, sequence, step } from "#core/flow/build.ts";
import { parseTenantId } from "#core/ids.ts";
import { RIGHTS, type Right } from "#core/rights.ts";
import { createHttpIngress } from "#runtime/doors/create-http-ingress.ts";
import { createIngress } from "#runtime/doors/create-ingress.ts";
import { createBench, flowOf, writer } from "./engine.ts";

const SHOP = { tenant: parseTenantId("acme"), source: "shop" };
const asking = flowOf(sequence(human({ ask: "May it go?" }), step(writer)));

/** What can be asked over HTTP, and the right that it takes. */
const ROUTES: readonly (readonly [Right, string, string, object | undefined])[] = [
  ["send", "POST", "events", { type: "Asked" }],
  ["read", "GET", "events", undefined],
  ["read", "GET", "state", undefined],
  ["read", "GET", "explain", undefined],
  ["answer", "POST", "asks/none", { value: 1 }],
  ["command", "POST", "commands", { type: "stop", reason: "enough" }],
];

async function serving() {
  const bench = createBench({ flows: [asking] });
  const other = { ...SHOP, source: "other" };
  await createIngress(bench.engine).send(other, "visit-1", { type: "Asked" });
  const http = createHttpIngress(bench.engine);
  const ask = async (
    rights: readonly Right[],
    method: string,
    path: string,
    given?: object,
    prefer?: string,
  ) => {
    const { status, body } = await http({
      method,
      path: `/sessions/visit-1/${path}`,
      query: {},
      headers: { "content-type": "application/json", ...(prefer !== undefined && { prefer }) },
      caller: { ...SHOP, rights },
      ...(given !== undefined && { body: JSON.stringify(given) }),
    });
    return { status, body: JSON.parse(body) as Record<string, unknown> };
  };
  const askId = async () => {
    const { body } = await ask(["read"], "GET", "explain");
    return (body["asks"] as readonly [{ readonly ask: string }])[0].ask;
  };
  return { ask, askId, bench };
}

describe("a caller over HTTP", () => {
  it.each(ROUTES)("needs the right to %s for %s %s, and no other", async (right, method, path, given) => {
    const { ask } = await serving();
    const others = RIGHTS.filter((one) => one !== right);
    const refused = await ask(others, method, path, given);
    expect(refused).toMatchObject({
      status: 403,
      body: {
        type: "urn:event-spine:problem:caller.not-allowed",
        problems: [
          {
            field: "caller",
            problem: `lacks the right "${right}"`,
            repair: expect.stringContaining("rights of shop") as unknown,
          },
        ],
      },
    });
    expect((await ask([right], method, path, given)).status).not.toBe(403);
  });

  it("cannot read another's question, answer it, or stop its session with the right to send alone", async () => {
    const { ask, askId, bench } = await serving();
    const asked = await askId();
    const before = (await bench.reader.events({ tenant: SHOP.tenant, session: "visit-1" as never })).length;
    for (const [right, method, path, given] of ROUTES)
      if (right !== "send") expect((await ask(["send"], method, path, given)).status).toBe(403);
    expect((await ask(["send"], "POST", `asks/${asked}`, { value: "yes" })).status).toBe(403);
    expect(await bench.reader.events({ tenant: SHOP.tenant, session: "visit-1" as never })).toHaveLength(
      before,
    );
  });

  it("gets the questions of its own event only if it may read or answer", async () => {
    const { ask } = await serving();
    const sent = (rights: readonly Right[], id: string) =>
      ask(rights, "POST", "events", { type: "Asked", id }, "wait=0");
    for (const rights of [["send"], ["send", "command"]] as const)
      expect((await sent(rights, rights.join())).body).not.toHaveProperty("asks");
  });

  it("learns that its answer was accepted, and gets a reply to another caller only if it may read", async () => {
    const { ask, askId } = await serving();
    const answered = await ask(["answer"], "POST", `asks/${await askId()}`, { value: "yes" }, "wait=60");
    expect(answered).toMatchObject({ status: 202, body: { session: "visit-1" } });
    expect(answered.body).not.toHaveProperty("reply");
  });

  it("has its rights checked before its body is read", async () => {
    const { ask } = await serving();
    expect((await ask(["send"], "POST", "commands", { nonsense: true })).status).toBe(403);
  });
});
