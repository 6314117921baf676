import type { Dispatch } from "#ports/queues.ts";
import type { Tracer } from "#ports/tracer.ts";

/** Dispatch whose sends are spans: which agents get tasks, and of which session. */
export function tracedDispatch(dispatch: Dispatch, tracer: Tracer | undefined): Dispatch {
  if (tracer === undefined) return dispatch;
  return {
    send: (tasks) => {
      const [first] = tasks;
      const attributes = {
        "messaging.system": "aws_sqs",
        "messaging.operation.type": "send",
        "messaging.batch.message_count": tasks.length,
        "event_spine.agents": [...new Set(tasks.map(({ agent }) => agent))].join(","),
        "event_spine.tenant": first?.tenant,
        "event_spine.session": first?.session,
      };
      return tracer.span({ name: "dispatch", kind: "producer", attributes }, () => dispatch.send(tasks));
    },
  };
}
