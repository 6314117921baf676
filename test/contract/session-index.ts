import { beforeEach, describe, expect, it } from "vitest";
import { parseAgentName, parseSessionKey, parseTenantId, type SessionKey } from "#core/ids.ts";
import { emptyOutline, type ProblemKind } from "#core/session/summary/outline.ts";
import { orderOf, type SessionRow, type ShownSessionState } from "#core/session/summary/summary.ts";
import type { IndexedSession, SessionIndex } from "#ports/session-index.ts";

let tenants = 0;

interface Given {
  readonly sequence?: number;
  readonly at?: number;
  readonly state?: ShownSessionState;
  readonly flows?: readonly string[];
  readonly problem?: ProblemKind;
}

/** A row with its outline, as the log of a session would tell both. */
function told(session: SessionKey["session"], given: Given): IndexedSession {
  const { sequence = 1, at = 1_000, state = "running", flows = ["visit"], problem } = given;
  const known = flows.map((name) => ({ name, flow: `hash-of-${name}` }));
  const wrong = problem && { problem: { kind: problem, at, sequence } };
  const agents = [parseAgentName("greeter")];
  const row: SessionRow = {
    ...{ session, state, sequence, startedAt: 500, lastAt: at, agents, tokens: 3, money: 0.25 },
    flows: known.map((flow) => ({ ...flow, runs: 0 })),
    ...wrong,
  };
  const base = {
    ...emptyOutline(500),
    ...wrong,
    sequence,
    time: at,
    flows: known,
    agents,
    tokens: 3,
    money: 0.25,
  };
  return { row, base };
}

/** Holds a list of sessions to the port's rules. */
export function describeSessionIndex(name: string, make: () => Promise<SessionIndex>): void {
  describe(`session index: ${name}`, () => {
    let index: SessionIndex;
    let tenant: string;

    beforeEach(async () => {
      index = await make();
      tenant = `tenant-${(tenants += 1)}`;
    });

    const keyOf = (session: string): SessionKey => parseSessionKey({ tenant, session });
    const put = async (session: string, given: Given, over?: number) =>
      index.put(keyOf(session), told(keyOf(session).session, given), over);
    const list = async (of: Parameters<SessionIndex["list"]>[0]["of"], limit = 50, before?: string) => {
      const query = { tenant: parseTenantId(tenant), of, limit, ...(before !== undefined && { before }) };
      return index.list(query);
    };
    const names = (rows: readonly SessionRow[]) => rows.map(({ session }) => session);

    it("has nothing of a session that nobody put", async () => {
      expect(await index.get(keyOf("s1"))).toBeUndefined();
      expect(await list({ states: ["running", "idle"] })).toEqual([]);
      await index.remove(keyOf("s1"));
    });

    it("gives back what was put, to be read on from", async () => {
      const given = { sequence: 4, at: 2_000, flows: ["visit", "pay"], problem: "late" as const };
      await put("s1", given);
      expect(await index.get(keyOf("s1"))).toEqual(told(keyOf("s1").session, given));
      expect(await list({ states: ["running"] })).toEqual([told(keyOf("s1").session, given).row]);
    });

    it("never puts an older row over a newer one", async () => {
      await put("s1", { sequence: 9, state: "idle" });
      await put("s1", { sequence: 4, state: "running" });
      await put("s1", { sequence: 4, state: "running" }, 4);
      expect((await index.get(keyOf("s1")))?.row).toMatchObject({ sequence: 9, state: "idle" });
      expect(await list({ states: ["running"] })).toEqual([]);
    });

    it("puts a row of the same sequence, or of an earlier one, only over the one that rebuilding has found", async () => {
      await put("s1", { sequence: 9, state: "idle", flows: ["visit", "pay"] });
      await put("s1", { sequence: 9, state: "stopped" });
      expect((await index.get(keyOf("s1")))?.row.state).toBe("idle");
      await put("s1", { sequence: 9, state: "stopped" }, 9);
      expect((await index.get(keyOf("s1")))?.row.state).toBe("stopped");
      await put("s1", { sequence: 4, state: "running" }, 9);
      expect((await index.get(keyOf("s1")))?.row).toMatchObject({ sequence: 4, state: "running" });
    });

    it("lists a session where it is now, and nowhere else", async () => {
      await put("s1", { sequence: 1, state: "running", problem: "late" });
      await put("s1", { sequence: 2, state: "idle" });
      expect(await list({ states: ["running"] })).toEqual([]);
      expect(await list({ problems: ["late", "failed"] })).toEqual([]);
      expect(names(await list({ states: ["running", "idle"] }))).toEqual(["s1"]);
    });

    it("lists the newest first, of one moment by their names, in pages that go on where the last one ended", async () => {
      for (let at = 0; at < 30; at += 1) await put(`s${at + 10}`, { at: 1_000 + Math.floor(at / 3) });
      const of = { states: ["running", "idle"] } as const;
      const pages: string[] = [];
      for (let before: string | undefined, more = true; more;) {
        const page = await list(of, 7, before);
        pages.push(...names(page));
        const last = page.at(-1);
        before = last && orderOf(last);
        more = page.length === 7;
      }
      expect(pages).toEqual(Array.from({ length: 30 }, (_, at) => `s${39 - at}`));
    });

    it("finds a session by each of the flows that it ran", async () => {
      await put("s1", { sequence: 1, at: 1_000, flows: ["visit"] });
      await put("s1", { sequence: 2, at: 2_000, flows: ["visit", "pay", "rate"] });
      await put("s2", { at: 1_500, flows: ["pay"] });
      expect(names(await list({ flow: "visit" }))).toEqual(["s1"]);
      expect(names(await list({ flow: "pay" }))).toEqual(["s1", "s2"]);
      expect((await list({ flow: "rate" }))[0]).toMatchObject({ sequence: 2, lastAt: 2_000 });
      expect(await list({ flow: "other" })).toEqual([]);
    });

    it("finds a session by its problem", async () => {
      await put("s1", { problem: "failed", at: 1_000 });
      await put("s2", { problem: "in-doubt", at: 2_000 });
      await put("s3", {});
      expect(names(await list({ problems: ["in-doubt"] }))).toEqual(["s2"]);
      expect(names(await list({ problems: ["in-doubt", "failed"] }))).toEqual(["s2", "s1"]);
    });

    it("lists the sessions of one tenant only", async () => {
      await put("s1", {});
      const other = parseTenantId(`${tenant}x`);
      expect(await index.list({ tenant: other, of: { states: ["running"] }, limit: 5 })).toEqual([]);
    });

    it("closes a session: its row is nowhere, and nobody puts one again until it is removed", async () => {
      await put("s1", { flows: ["visit", "pay"], problem: "failed" });
      await index.close(keyOf("s1"));
      await put("s1", { sequence: 7, flows: ["visit", "pay"] });
      await put("s1", { sequence: 8, flows: ["visit"] });
      expect(await index.get(keyOf("s1"))).toBeUndefined();
      for (const flow of ["visit", "pay"]) expect(await list({ flow })).toEqual([]);
      expect(await list({ states: ["running"] })).toEqual([]);
      await index.remove(keyOf("s1"));
      await put("s1", { sequence: 8 });
      expect(names(await list({ states: ["running"] }))).toEqual(["s1"]);
    });

    it("removes a session from every list", async () => {
      await put("s1", { flows: ["visit", "pay"], problem: "failed" });
      await put("s2", { flows: ["visit"] });
      await index.remove(keyOf("s1"));
      expect(await index.get(keyOf("s1"))).toBeUndefined();
      expect(names(await list({ states: ["running"] }))).toEqual(["s2"]);
      expect(await list({ flow: "pay" })).toEqual([]);
      expect(await list({ problems: ["failed"] })).toEqual([]);
    });
  });
}
