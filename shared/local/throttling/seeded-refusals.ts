import { functionCallOf } from "../faults/function-call.ts";
import { throttled } from "../faults/refusals.ts";
import type { Around } from "../http/loopback-server.ts";
import type { Throttling } from "./throttling.ts";

/**
 * Refuses a seeded share of the functions' requests before their endpoint sees them, as AWS refuses what is too much.
 * Invocations, and the single items of a batch, are refused where they are handled.
 */
export const seededRefusals =
  (throttling: Throttling): Around =>
  (request, handle) => {
    const call = functionCallOf(request);
    if (call === undefined || call.service === "lambda") return handle(request);
    return throttling.strikes(`${call.service} ${call.operation}`)
      ? Promise.resolve(throttled(call.service))
      : handle(request);
  };
