import { slotsOf, type WaitBounds } from "#core/wait-slots.ts";
import type { Clock } from "#ports/clock.ts";
import type { WaitRoom } from "#ports/tenant-quota.ts";

/** The places of one process, or of several that share it. */
export function createMemoryWaitRoom(bounds: WaitBounds, clock: Pick<Clock, "now">): WaitRoom {
  const taken = new Map<number, { readonly until: number }>();
  return {
    enter(tenant, until) {
      const now = clock.now();
      const free = slotsOf(tenant, bounds).find((slot) => (taken.get(slot)?.until ?? 0) < now);
      if (free === undefined) return Promise.resolve(undefined);
      const place = { until };
      taken.set(free, place);
      const leave = () => {
        if (taken.get(free) === place) taken.delete(free);
        return Promise.resolve();
      };
      return Promise.resolve({ leave });
    },
  };
}
