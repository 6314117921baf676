import { AsyncLocalStorage } from "node:async_hooks";

/** What travels beside a message, so that one chain of causes can be followed: W3C trace context and correlation id. */
export interface Trace {
  readonly traceparent?: string;
  readonly correlation?: string;
}

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const MAX_CORRELATION = 256;

const storage = new AsyncLocalStorage<Trace>();

/** Runs `work` so that what it sends carries this trace. */
export function withTrace<T>(trace: Trace, work: () => T): T {
  return storage.run(trace, work);
}

export function currentTrace(): Trace {
  return storage.getStore() ?? {};
}

/** Reads a trace that somebody sent; anything malformed is left out, since a trace must never fail a message. */
export function readTrace(given: { readonly traceparent?: unknown; readonly correlation?: unknown }): Trace {
  const { traceparent, correlation } = given;
  return {
    ...(typeof traceparent === "string" && TRACEPARENT.test(traceparent) && { traceparent }),
    ...(typeof correlation === "string" && correlation.length <= MAX_CORRELATION && { correlation }),
  };
}
