import type { SessionKey } from "#core/ids.ts";
import type { Clock, Deadlines } from "#ports/clock.ts";
import { QueueSuffix } from "../names.ts";
import { MAX_DELAY_SECONDS } from "../service-limits.ts";
import { sendOf, type SqsOptions } from "./sqs-dispatch.ts";

export interface SqsDeadlinesOptions extends Pick<SqsOptions, "client" | "queuePrefix" | "send"> {
  readonly clock: Pick<Clock, "now">;
}

/** SQS delays a message by this at most; a later deadline is armed again when its message arrives. */
export const MAX_DELAY_MS = MAX_DELAY_SECONDS * 1_000;

/** What a message of the deadlines queue says. */
export const deadlineBody = ({ tenant, session }: SessionKey, at: number): string =>
  JSON.stringify({ tenant, session, at });

/** Deadlines on a standard queue: FIFO queues delay no single message. */
export function createSqsDeadlines(options: SqsDeadlinesOptions): Deadlines {
  const { queuePrefix, clock } = options;
  const send = sendOf(options);
  return {
    arm: (key, at) => {
      // Whole seconds, rounded up: one that comes early would have to be armed again.
      const delayMs = Math.min(MAX_DELAY_MS, Math.max(0, at - clock.now()));
      return send([
        {
          queueUrl: queuePrefix + QueueSuffix.deadlines,
          body: deadlineBody(key, at),
          delaySeconds: Math.ceil(delayMs / 1_000),
        },
      ]);
    },
  };
}
