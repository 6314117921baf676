import { permitsOf, type WaitBounds } from "#core/wait-permits.ts";
import type { Clock } from "#ports/clock.ts";
import type { WaitRoom } from "#ports/tenant-quota.ts";

/** The permits of one process, or of several that share it. */
export function createMemoryWaitRoom(bounds: WaitBounds, clock: Pick<Clock, "now">): WaitRoom {
  const taken = new Map<number, { readonly until: number }>();
  return {
    enter(tenant, until) {
      const now = clock.now();
      const free = permitsOf(tenant, bounds).find((permit) => (taken.get(permit)?.until ?? 0) < now);
      if (free === undefined) return Promise.resolve(undefined);
      const permit = { until };
      taken.set(free, permit);
      const leave = () => {
        if (taken.get(free) === permit) taken.delete(free);
        return Promise.resolve();
      };
      return Promise.resolve({ leave });
    },
  };
}
