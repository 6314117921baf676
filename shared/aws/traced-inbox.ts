import type { Inbox } from "#ports/inbox.ts";
import type { Tracer } from "#ports/tracer.ts";
import { currentTrace } from "./trace.ts";

/**
 * The inbox whose events are spans. One that comes without a trace begins one: what follows from it is told apart by that from
 * what follows from another. One that has a trace stays as it is, byte for byte, which its deduplication goes by.
 */
export function tracedInbox(inbox: Inbox, tracer: Tracer | undefined): Inbox {
  if (tracer === undefined) return inbox;
  return {
    send: (message) => {
      const { key, input } = message;
      const parent = "traceparent" in input ? input.traceparent : undefined;
      const attributes = { "event_spine.tenant": key.tenant, "event_spine.session": key.session };
      return tracer.span({ name: "intake", kind: "consumer", parent, attributes }, () => {
        const { traceparent } = currentTrace();
        const begins = input.kind === "event" && parent === undefined && traceparent !== undefined;
        return inbox.send(begins ? { ...message, input: { ...input, traceparent } } : message);
      });
    },
  };
}
