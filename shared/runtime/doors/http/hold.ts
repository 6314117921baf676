import type { TenantId } from "#core/ids.ts";
import type { Clock } from "#ports/clock.ts";
import type { WaitRoom } from "#ports/tenant-quota.ts";
import { lastMoment, waitOf } from "./prefer.ts";
import type { HttpRequest } from "./http-message.ts";

/** How long a request is held, as it turns out while it is answered. */
export interface Hold {
  /** At most; 0 where it is not held. */
  readonly waitMs: Promise<number>;
  /** The seconds that its answer names as applied; none where it asked for none, or there was no room. */
  readonly applied: () => Promise<number | undefined>;
  /** Gives its permit to the next. */
  readonly leave: () => Promise<void>;
}

const MS_PER_SECOND = 1_000;
/** A permit is taken for so much longer than its request waits: for the last look, and the answer's way. */
const PERMIT_MARGIN_MS = 2_000;

/**
 * Holds a request as long as it prefers and whatever carries it can, if there is room: where there is none it is answered at once, which
 * RFC 7240 allows, and its answer names no preference as applied. The permit is asked for while the request is worked on.
 */
export function createHold(room: WaitRoom | undefined, clock: Pick<Clock, "now">) {
  return ({ headers, endsAt }: HttpRequest, tenant: TenantId): Hold => {
    const asked = waitOf(headers["prefer"]);
    const now = clock.now();
    const ms = Math.max(0, Math.min((asked ?? 0) * MS_PER_SECOND, lastMoment(endsAt) - now));
    const seconds = asked === undefined ? undefined : Math.floor(ms / MS_PER_SECOND);
    if (ms === 0 || room === undefined)
      return {
        waitMs: Promise.resolve(ms),
        applied: () => Promise.resolve(seconds),
        leave: () => Promise.resolve(),
      };
    const permit = room.enter(tenant, now + ms + PERMIT_MARGIN_MS);
    return {
      waitMs: permit.then((found) => (found === undefined ? 0 : ms)),
      applied: async () => ((await permit) === undefined ? undefined : seconds),
      leave: async () => (await permit)?.leave(),
    };
  };
}
