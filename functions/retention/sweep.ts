import type { Context } from "aws-lambda";
import { refusalOf, type DoorRefusal } from "#aws/door-protocol.ts";
import type { Observer } from "#aws/observe.ts";
import { SpineError } from "#core/errors.ts";
import { isJsonObject } from "#core/json.ts";
import type { Clock } from "#ports/clock.ts";
import type { Erased } from "#runtime/retention/create-erase.ts";
import type { Swept } from "#runtime/retention/create-sweep.ts";

/** A refusal is an answer: the function throws for nothing that an operator did. */
export type EraseResponse =
  { readonly ok: true; readonly reply: Erased } | { readonly ok: false; readonly error: DoorRefusal };

export interface SweeperPorts {
  readonly erase: (request: unknown) => Promise<Erased>;
  readonly sweep: (giveUpAt: number) => Promise<Swept>;
  readonly clock: Pick<Clock, "now">;
  readonly observer: Observer;
}

/** What is left of the function's time when it looks at no more sessions: burying a long one takes some of it. */
const MARGIN_MS = 60_000;

/**
 * Called by its schedule it sweeps once, as long as the function may run; what is left is due at the next call. It fails when a
 * session could not be looked at, so that its alarm rings. An operator calls it to erase a session.
 */
export function createSweeper({ sweep, erase, clock, observer }: SweeperPorts) {
  const answerOperator = async (request: unknown): Promise<EraseResponse> => {
    try {
      const reply = await erase(request);
      observer.count("ErasedSessions");
      return { ok: true, reply };
    } catch (error) {
      observer.onTrouble(error, "an operator's request");
      return { ok: false, error: refusalOf(error) };
    }
  };

  return (event: unknown, context: Context): Promise<Swept | EraseResponse> =>
    observer.invocation(context, {}, async () => {
      if (isJsonObject(event) && "erase" in event) return answerOperator(event["erase"]);
      const swept = await sweep(clock.now() + context.getRemainingTimeInMillis() - MARGIN_MS);
      observer.count("ExpiredSessions", swept.expired);
      observer.count("BuriedSessions", swept.buried);
      if (swept.failed === 0) return swept;
      throw new SpineError("log.unavailable", `${swept.failed} sessions could not be looked at.`, {
        retryable: true,
      });
    });
}
