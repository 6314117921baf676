import { describe, expect, it } from "vitest";
import { parseTenantId } from "#core/ids.ts";
import { slotsOf, type WaitBounds } from "#core/wait-slots.ts";
import type { WaitPlace, WaitRoom } from "#ports/tenant-quota.ts";

export const BOUNDS: WaitBounds = { total: 40, perTenant: 10 };
const shop = parseTenantId("shop");
const other = parseTenantId("other");
const LONG = 60_000;

export interface WaitRoomBench {
  /** Two that share their places, as two processes do. */
  readonly processes: readonly [WaitRoom, WaitRoom];
  now(): number;
  pass(ms: number): void;
}

/** What every room of those who wait keeps to (`WaitRoom`). */
export function describeWaitRoom(name: string, make: () => Promise<WaitRoomBench>): void {
  describe(`places of those who wait, ${name}`, () => {
    const enterMany = async ({ processes, now }: WaitRoomBench, tenant: typeof shop, times: number) => {
      const found: WaitPlace[] = [];
      for (let at = 0; at < times; at += 1) {
        const place = await processes[at % 2 === 0 ? 0 : 1].enter(tenant, now() + LONG);
        if (place !== undefined) found.push(place);
      }
      return found;
    };

    it("are bounded for a tenant over all processes, and others find room beside it", async () => {
      const bench = await make();
      expect((await enterMany(bench, shop, 100)).length).toBe(BOUNDS.perTenant);
      expect((await enterMany(bench, other, 20)).length).toBeGreaterThan(BOUNDS.perTenant / 2);
    });

    it("are bounded in all, however many tenants there are", async () => {
      const bench = await make();
      let taken = 0;
      for (let at = 0; at < 30; at += 1)
        taken += (await enterMany(bench, parseTenantId(`tenant-${at}`), 12)).length;
      expect(taken).toBeLessThanOrEqual(BOUNDS.total);
      expect(taken).toBeGreaterThan(BOUNDS.total / 2);
    });

    it("are free again when they are left, and when their time is over", async () => {
      const bench = await make();
      const [first] = await enterMany(bench, shop, 100);
      await first?.leave();
      expect(await enterMany(bench, shop, 60)).toHaveLength(1);
      bench.pass(LONG + 1);
      expect(await enterMany(bench, shop, 100)).toHaveLength(BOUNDS.perTenant);
    });

    it("are not given away by who leaves after its time", async () => {
      const bench = await make();
      const late = await enterMany(bench, shop, 100);
      bench.pass(LONG + 1);
      await enterMany(bench, shop, 100);
      for (const place of late) await place.leave();
      expect(await enterMany(bench, shop, 20)).toEqual([]);
    });
  });
}

describe("the places that a tenant may take", () => {
  it("follow from its name, as many as it may have, and few are another's", () => {
    const bounds = { total: 200, perTenant: 50 };
    const tenants = Array.from({ length: 40 }, (_, at) => `tenant-${at}`);
    for (const tenant of tenants) {
      const own = slotsOf(tenant, bounds);
      expect(new Set(own).size).toBe(50);
      expect(own.every((slot) => slot >= 0 && slot < 200)).toBe(true);
      expect(slotsOf(tenant, bounds)).toEqual(own);
      for (const another of tenants.filter((one) => one !== tenant)) {
        const shared = slotsOf(another, bounds).filter((slot) => own.includes(slot));
        expect(shared.length).toBeLessThan(30);
      }
    }
  });

  it("are all that there are where a tenant may have them all, and none where nobody waits", () => {
    expect(slotsOf("default", { total: 3, perTenant: 3 })).toEqual([0, 1, 2]);
    expect(slotsOf("default", { total: 0, perTenant: 0 })).toEqual([]);
  });
});
