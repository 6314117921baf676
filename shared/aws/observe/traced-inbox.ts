import type { Inbox, InboxMessage } from "#ports/queues.ts";
import type { SpanStart, Tracer } from "#ports/tracer.ts";
import { currentTrace, withTrace, type Trace } from "./trace.ts";

/**
 * The inbox whose events are spans, each of its own however many are sent together. One that comes without a trace begins one:
 * what follows from it is told apart by that from what follows from another. One that has a trace stays as it is.
 */
export function tracedInbox(inbox: Inbox, tracer: Tracer | undefined): Inbox {
  if (tracer === undefined) return inbox;

  /** Opens the spans one inside another, each in the trace of the caller: they end together, as they are sent together. */
  const send = (
    waiting: readonly InboxMessage[],
    ready: readonly InboxMessage[],
    caller: Trace,
  ): Promise<void> => {
    const [message, ...rest] = waiting;
    if (message === undefined) return inbox.send(...ready);
    return withTrace(caller, () =>
      tracer.span(spanOf(message), () => send(rest, [...ready, inItsTrace(message)], caller)),
    );
  };

  return { send: (...messages) => send(messages, [], currentTrace()) };
}

const traceOf = ({ input }: InboxMessage): string | undefined =>
  "traceparent" in input ? input.traceparent : undefined;

const spanOf = (message: InboxMessage): SpanStart => ({
  name: "intake",
  kind: "consumer",
  parent: traceOf(message),
  attributes: { "event_spine.tenant": message.key.tenant, "event_spine.session": message.key.session },
});

function inItsTrace(message: InboxMessage): InboxMessage {
  const { input } = message;
  const { traceparent } = currentTrace();
  const begins = input.kind === "event" && traceOf(message) === undefined && traceparent !== undefined;
  return begins ? { ...message, input: { ...input, traceparent } } : message;
}
