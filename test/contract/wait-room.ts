import { describe, expect, it } from "vitest";
import { parseTenantId } from "#core/ids.ts";
import { permitsOf, type WaitBounds } from "#core/wait-permits.ts";
import type { WaitPermit, WaitRoom } from "#ports/tenant-quota.ts";

export const BOUNDS: WaitBounds = { total: 12, perTenant: 4 };
const shop = parseTenantId("shop");
const other = parseTenantId("other");
const LONG = 60_000;

export interface WaitRoomBench {
  /** Two that share their permits, as two processes do. */
  readonly processes: readonly [WaitRoom, WaitRoom];
  now(): number;
  pass(ms: number): void;
}

/** What every room of those who wait keeps to (`WaitRoom`). */
export function describeWaitRoom(name: string, make: () => Promise<WaitRoomBench>): void {
  describe(`permits of those who wait, ${name}`, () => {
    const enterMany = async ({ processes, now }: WaitRoomBench, tenant: typeof shop, times: number) => {
      const found: WaitPermit[] = [];
      for (let at = 0; at < times; at += 1) {
        const permit = await processes[at % 2 === 0 ? 0 : 1].enter(tenant, now() + LONG);
        if (permit !== undefined) found.push(permit);
      }
      return found;
    };

    it("are bounded per tenant over all processes, and leave room for others", async () => {
      const bench = await make();
      expect((await enterMany(bench, shop, 12)).length).toBe(BOUNDS.perTenant);
      expect((await enterMany(bench, other, 8)).length).toBeGreaterThan(BOUNDS.perTenant / 2);
    });

    it("are bounded in total, however many tenants there are", async () => {
      const bench = await make();
      let taken = 0;
      for (let at = 0; at < 20; at += 1)
        taken += (await enterMany(bench, parseTenantId(`tenant-${at}`), 5)).length;
      expect(taken).toBeLessThanOrEqual(BOUNDS.total);
      expect(taken).toBeGreaterThan(BOUNDS.total / 2);
    });

    it("are free again when they are released, and when their time is over", async () => {
      const bench = await make();
      const [first] = await enterMany(bench, shop, 12);
      await first?.leave();
      expect(await enterMany(bench, shop, 12)).toHaveLength(1);
      bench.pass(LONG + 1);
      expect(await enterMany(bench, shop, 12)).toHaveLength(BOUNDS.perTenant);
    });

    it("are taken over by who enters again by its name, of its tenant, and by nobody else", async () => {
      const { processes, now, ...bench } = await make();
      const [first, second] = processes;
      const before = await first.enter(shop, now() + LONG, "ada");
      expect(await before?.isHeld()).toBe(true);
      for (let more = 0; more < 12; more += 1) {
        const again = await second.enter(shop, now() + LONG, "ada");
        expect(await again?.isHeld()).toBe(true);
        expect(await before?.isHeld()).toBe(false);
        await before?.leave();
        expect(await again?.isHeld()).toBe(true);
      }
      const others = await enterMany({ processes, now, ...bench }, shop, 12);
      expect(others).toHaveLength(BOUNDS.perTenant - 1);
      for (let at = 0; at < 4; at += 1) {
        await first.enter(other, now() + LONG, "ada");
        await first.enter(shop, now() + LONG, "ad");
      }
      for (const permit of others) expect(await permit.isHeld()).toBe(true);
      expect(await second.enter(shop, now() + LONG, "ada")).toBeDefined();
    });

    it("are not released by a holder whose time is over", async () => {
      const bench = await make();
      const late = await enterMany(bench, shop, 12);
      bench.pass(LONG + 1);
      await enterMany(bench, shop, 12);
      for (const permit of late) await permit.leave();
      expect(await enterMany(bench, shop, 8)).toEqual([]);
    });
  });
}

describe("the permits that a tenant may take", () => {
  it("follow from its name, as many as it may have, and overlap little with another's", () => {
    const bounds = { total: 200, perTenant: 50 };
    const tenants = Array.from({ length: 40 }, (_, at) => `tenant-${at}`);
    for (const tenant of tenants) {
      const own = permitsOf(tenant, bounds);
      expect(new Set(own).size).toBe(50);
      expect(own.every((permit) => permit >= 0 && permit < 200)).toBe(true);
      expect(permitsOf(tenant, bounds)).toEqual(own);
      for (const another of tenants.filter((one) => one !== tenant)) {
        const shared = permitsOf(another, bounds).filter((permit) => own.includes(permit));
        expect(shared.length).toBeLessThan(30);
      }
    }
  });

  it("are all slots when a tenant may have them all, and none when none exist", () => {
    expect(permitsOf("default", { total: 3, perTenant: 3 })).toEqual([0, 1, 2]);
    expect(permitsOf("default", { total: 0, perTenant: 0 })).toEqual([]);
  });
});
