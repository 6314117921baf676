import { AwsError } from "../http/service-error.ts";
import type { Invocation } from "./lambda-function.ts";

/** Of a synchronous invocation, in and out. */
const MAX_BYTES = 6_291_456;

/** Refuses an event that is larger than Lambda takes. */
export function requirePayload(text: string | Buffer): void {
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_BYTES) return;
  throw new AwsError(
    "RequestTooLargeException",
    `Request must be smaller than ${MAX_BYTES} bytes for the InvokeFunction operation; it has ${bytes}.`,
    413,
  );
}

/** What the function answered is its error where it is larger than Lambda hands on. */
export function withinPayload(outcome: Invocation): Invocation {
  if (outcome.type !== "ok" || Buffer.byteLength(outcome.payload) <= MAX_BYTES) return outcome;
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${MAX_BYTES} bytes).`;
  return { type: "error", error: { errorType: "Function.ResponseSizeTooLarge", errorMessage } };
}
