import { beforeEach, describe, expect, it } from "vitest";
import type { DeliveryProgress } from "#ports/publish.ts";
import { freshKey } from "./session-log.ts";

/** Holds what is kept of subscriptions' progress to the port's rules. */
export function describeDeliveryProgress(name: string, make: () => Promise<DeliveryProgress>): void {
  describe(`delivery progress: ${name}`, () => {
    let progress: DeliveryProgress;
    let key: ReturnType<typeof freshKey>;

    beforeEach(async () => {
      progress = await make();
      key = freshKey();
    });

    const reached = async (of = key) => Object.fromEntries(await progress.reached(of));

    it("has no progress at first", async () => {
      expect(await reached()).toEqual({});
    });

    it("stores the progress of each subscription, per session", async () => {
      const other = freshKey();
      await progress.advance(key, new Map([["crm", 3]]));
      await progress.advance(key, new Map([["audit", 1]]));
      await progress.advance(other, new Map([["crm", 9]]));
      expect(await reached()).toEqual({ crm: 3, audit: 1 });
      expect(await reached(other)).toEqual({ crm: 9 });
    });

    it("never goes back, and advances other subscriptions independently", async () => {
      await progress.advance(key, new Map([["crm", 5]]));
      await progress.advance(
        key,
        new Map([
          ["crm", 4],
          ["audit", 4],
        ]),
      );
      expect(await reached()).toEqual({ crm: 5, audit: 4 });
    });

    it("forgets a session, and forgetting it again does no harm", async () => {
      await progress.advance(key, new Map([["crm", 5]]));
      for (const _ of ["once", "again"]) await progress.remove(key);
      expect(await reached()).toEqual({});
    });
  });
}
