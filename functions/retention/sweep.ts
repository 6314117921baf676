import type { Context } from "aws-lambda";
import type { Observer } from "#aws/observe.ts";
import { SpineError } from "#core/errors.ts";
import type { Clock } from "#ports/clock.ts";
import type { Swept } from "#runtime/retention/create-sweep.ts";

export interface SweeperPorts {
  readonly sweep: (giveUpAt: number) => Promise<Swept>;
  readonly clock: Pick<Clock, "now">;
  readonly observer: Observer;
}

/** What is left of the function's time when it looks at no more sessions: burying a long one takes some of it. */
const MARGIN_MS = 60_000;

/**
 * Sweeps once, as long as the function may run; what is left is due at the next call. It fails when a session could not be
 * looked at, so that its alarm rings.
 */
export function createSweeper({ sweep, clock, observer }: SweeperPorts) {
  return (_event: unknown, context: Context): Promise<Swept> =>
    observer.invocation(context, {}, async () => {
      const swept = await sweep(clock.now() + context.getRemainingTimeInMillis() - MARGIN_MS);
      observer.count("ExpiredSessions", swept.expired);
      observer.count("BuriedSessions", swept.buried);
      if (swept.failed === 0) return swept;
      throw new SpineError("log.unavailable", `${swept.failed} sessions could not be looked at.`, {
        retryable: true,
      });
    });
}
