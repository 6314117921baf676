import type { Context } from "aws-lambda";
import type { Observer } from "#aws/observe/observe.ts";
import { createOperatorUrl, isUrlEvent } from "#aws/lambda/operator-url.ts";
import type { Tenants } from "#aws/lambda/tenants.ts";
import { SpineError } from "#core/errors.ts";
import type { Clock } from "#ports/clock.ts";
import type { KnownOperator } from "#runtime/letters/known-operator.ts";
import type { Erased } from "#runtime/retention/create-erase.ts";
import type { Swept } from "#runtime/retention/create-sweep.ts";

export interface SweeperPorts {
  readonly erase: (request: unknown, who: KnownOperator) => Promise<Erased>;
  readonly tenants: Pick<Tenants, "ofOperator">;
  readonly sweep: (giveUpAt: number) => Promise<Swept>;
  readonly clock: Pick<Clock, "now">;
  readonly observer: Observer;
}

/** What is left of the function's time when it looks at no more sessions: purging a long one takes some of it. */
const MARGIN_MS = 60_000;

/**
 * Called by its schedule it sweeps once, as long as the function may run; what is left is due at the next call. It fails when a
 * session could not be looked at, so that its alarm rings. An operator asks it by its URL to erase a session.
 */
export function createSweeper({ sweep, erase, tenants, clock, observer }: SweeperPorts) {
  const byUrl = createOperatorUrl({
    tenants,
    observer,
    async operate(asked, who) {
      const erased = await erase(asked, who);
      observer.count("ErasedSessions");
      return erased;
    },
  });

  return (event: unknown, context: Context): Promise<Swept | Awaited<ReturnType<typeof byUrl>>> =>
    observer.invocation(context, {}, async () => {
      if (isUrlEvent(event)) return byUrl(event);
      const swept = await sweep(clock.now() + context.getRemainingTimeInMillis() - MARGIN_MS);
      observer.count("ExpiredSessions", swept.expired);
      observer.count("PurgedSessions", swept.purged);
      if (swept.failed === 0) return swept;
      throw new SpineError("log.unavailable", `${swept.failed} sessions could not be checked.`, {
        retryable: true,
      });
    });
}
