import { isoTime } from "#core/session/iso-time.ts";
import { sessionKeyText } from "#core/ids.ts";
import type { Clock, Deadlines, Executions } from "#ports/clock.ts";
import type { Digest } from "#ports/secrets.ts";
import { deadlineBody, MAX_DELAY_MS } from "../sqs/sqs-deadlines.ts";

export interface StepFunctionsDeadlinesOptions {
  /** Waits until `$.until`, then sends `$.body` to the deadlines queue. */
  readonly executions: Executions;
  /** For what lies so near that a queue can hold it. */
  readonly near: Deadlines;
  readonly digest: Digest;
  readonly clock: Pick<Clock, "now">;
}

/** An execution lives for a year at most. A deadline beyond that fires early, and is then sent on by the queue. */
const MAX_WAIT_MS = 364 * 86_400_000;

/**
 * Deadlines of any distance: on the queue as far as it reaches, beyond that one execution each. Its name follows from
 * session and time, so arming a deadline again changes nothing, however late: once its execution has ended, it has fired.
 */
export function createStepFunctionsDeadlines(options: StepFunctionsDeadlinesOptions): Deadlines {
  const { executions, near, digest, clock } = options;
  return {
    async arm(key, at) {
      const now = clock.now();
      if (at - now <= MAX_DELAY_MS) return near.arm(key, at);
      await executions.start(digest.sha256(`${sessionKeyText(key)}/${at}`), {
        until: wholeSecond(Math.min(at, now + MAX_WAIT_MS)),
        body: deadlineBody(key, at),
      });
    },
  };
}

/** Rounded up, as waits have whole seconds and one that ends early would be armed again. */
const wholeSecond = (ms: number): string => isoTime(Math.ceil(ms / 1_000) * 1_000);
