import { messageOf, SpineError } from "#core/errors.ts";
import type { SessionAdvanced } from "#core/session/task-messages.ts";
import type { Publish } from "#ports/publish.ts";
import type { Engine } from "../session/engine.ts";
import type { Budget } from "./budget.ts";

/** What one PutEvents takes. */
const TOGETHER = 10;

/**
 * Publishes in tens, until the bus fails or the time is up: what is left comes again, so a bus that does not answer costs a
 * batch the patience of one request. Gives back what is left; never throws.
 */
export async function publishAll(
  { onTrouble }: Pick<Engine, "onTrouble">,
  publish: Publish,
  advances: readonly SessionAdvanced[],
  budget: Budget,
): Promise<readonly SessionAdvanced[]> {
  for (let from = 0; from < advances.length; from += TOGETHER) {
    if (budget.spent) return advances.slice(from);
    const some = advances.slice(from, from + TOGETHER);
    const rest = advances.slice(from + TOGETHER);
    try {
      const refused = await budget.within(publish.publish(some));
      const [first] = refused;
      if (first === undefined) continue;
      onTrouble?.(busFailed(first.reason), "publishing");
      return [...refused.map(({ advance }) => advance), ...rest];
    } catch (error) {
      onTrouble?.(busFailed(messageOf(error)), "publishing");
      return [...some, ...rest];
    }
  }
  return [];
}

const busFailed = (reason: string): SpineError =>
  new SpineError("queue.rejected", `The bus failed: ${reason}`, { retryable: true });
