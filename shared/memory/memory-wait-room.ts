import { permitsOf, type WaitBounds } from "#core/wait-permits.ts";
import type { Clock } from "#ports/clock.ts";
import type { WaitRoom } from "#ports/tenant-quota.ts";

/** The permits of one process, or of several that share it. */
export function createMemoryWaitRoom(bounds: WaitBounds, clock: Pick<Clock, "now">): WaitRoom {
  const taken = new Map<number, { readonly until: number; readonly by: string | undefined }>();
  return {
    enter(tenant, until, who) {
      const now = clock.now();
      const by = who === undefined ? undefined : `${tenant}/${who}`;
      const own = permitsOf(tenant, bounds);
      const again = by === undefined ? undefined : own.find((permit) => taken.get(permit)?.by === by);
      const free = again ?? own.find((permit) => (taken.get(permit)?.until ?? 0) < now);
      if (free === undefined) return Promise.resolve(undefined);
      const permit = { until, by };
      taken.set(free, permit);
      const leave = () => {
        if (taken.get(free) === permit) taken.delete(free);
        return Promise.resolve();
      };
      const isHeld = () => Promise.resolve(taken.get(free) === permit);
      return Promise.resolve({ leave, isHeld });
    },
  };
}
