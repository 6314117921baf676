import { describe, expect, it } from "vitest";
import { human, sequence } from "#core/flow/build.ts";
import { parseTenantId } from "#core/ids.ts";
import { RIGHTS } from "#core/rights.ts";
import { createMemoryWaitRoom } from "#memory/memory-wait-room.ts";
import { createHttpIngress } from "#runtime/doors/create-http-ingress.ts";
import { answerOf, createBench, flowOf, lastSent, ok, writing } from "./engine.ts";
import { createDoor } from "#runtime/doors/create-door.ts";

const BOUNDS = { total: 16, perTenant: 8 };

function serving(flow = writing) {
  const bench = createBench({ flows: [flow] });
  const http = createHttpIngress(bench.engine, { waits: createMemoryWaitRoom(BOUNDS, bench.clock) });
  const ask = async (tenant: string, method: string, path: string, given?: object, prefer?: string) => {
    const { status, headers, body } = await http({
      method,
      path: `/sessions/${path}`,
      query: {},
      headers: { "content-type": "application/json", ...(prefer !== undefined && { prefer }) },
      caller: { tenant: parseTenantId(tenant), source: "app", rights: RIGHTS },
      ...(given !== undefined && { body: JSON.stringify(given) }),
    });
    return {
      status,
      applied: headers["preference-applied"],
      body: JSON.parse(body) as Record<string, unknown>,
    };
  };
  const wait = (tenant: string, session: string) =>
    ask(tenant, "POST", `${session}/events`, { type: "Asked", id: session }, "wait=60");
  /** Those that are answered without time passing. */
  const atOnce = async <T>(asked: readonly Promise<T>[]): Promise<readonly T[]> => {
    const done: T[] = [];
    for (const each of asked) void each.then((answer) => done.push(answer));
    await bench.clock.runBy(0);
    await bench.clock.runBy(0);
    return [...done];
  };
  return { bench, ask, wait, atOnce };
}

describe("requests that wait for their replies", () => {
  it("are held up to a tenant's bound; further ones are accepted, and answered at once without Preference-Applied", async () => {
    const { ask, wait, atOnce, bench } = serving();
    const waiting = Array.from({ length: 14 }, (_, at) => wait("acme", `visit-${at}`));
    const unheld = await atOnce(waiting);
    expect(unheld).toHaveLength(14 - BOUNDS.perTenant);
    for (const { status, applied } of unheld) expect([status, applied]).toEqual([202, undefined]);
    // Time stands still: reads and commands of the very tenant are answered, and another tenant may still wait.
    expect((await ask("acme", "GET", "visit-0/state")).status).toBe(200);
    const stop = { type: "stop", reason: "enough" };
    expect((await ask("acme", "POST", "visit-13/commands", stop)).status).toBe(202);
    expect(await atOnce([wait("other", "visit-a")])).toEqual([]);
    // Nobody is held for longer than it asked for.
    await bench.clock.runBy(61_000);
    const all = await Promise.all(waiting);
    expect(all.filter(({ applied }) => applied === "wait=60")).toHaveLength(BOUNDS.perTenant);
  });

  it("release their slots when they are answered, even rejected ones", async () => {
    const { ask, wait, atOnce, bench } = serving();
    for (let at = 0; at < 3 * BOUNDS.perTenant; at += 1) {
      const malformed = await ask("acme", "POST", "visit-0/events", { type: 7 }, "wait=60");
      expect(malformed.status).toBe(400);
      const held = wait("acme", `answered-${at}`);
      expect(await atOnce([held])).toEqual([]);
      await createDoor(bench.engine).answer(answerOf(lastSent(bench), ok({ text: "Here you are." })));
      await bench.clock.runBy(1_000);
      expect(await held).toMatchObject({ status: 200, applied: "wait=60" });
    }
  });

  it("count a person's answer under the same bound", async () => {
    const asking = flowOf(sequence(human({ ask: "May it go?" }), human({ ask: "Really?" })));
    const { ask, wait, atOnce } = serving(asking);
    await ask("acme", "POST", "asked/events", { type: "Asked" });
    const { body } = await ask("acme", "GET", "asked/explain");
    const [{ ask: open }] = body["asks"] as readonly [{ readonly ask: string }];
    const answered = await ask("acme", "POST", `asked/asks/${open}`, { value: 1 }, "wait=5");
    expect([answered.status, answered.applied]).toEqual([202, "wait=5"]);
    expect(await atOnce([wait("acme", "another")])).toHaveLength(1);
  });
});
