import { formOf, type Commit, type CommittedInput } from "./commit.ts";
import { currentOrders, type Decision } from "./decide.ts";
import type { Directive } from "./directives.ts";
import type { RecordedEvent } from "./events.ts";
import { isIdentified, type Input } from "./input.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import type { TaskOrder } from "./task-messages.ts";
import type { Seen } from "./seen.ts";
import type { SessionState } from "./state.ts";

/** What the inputs of one commit have caused so far, each decided on the state after the last. */
export interface Decided {
  readonly state: SessionState;
  readonly inputs: readonly CommittedInput[];
  readonly events: readonly RecordedEvent[];
  /** Also those that a later input of the commit has cancelled, until `withStandingOrders`. */
  readonly orders: readonly TaskOrder[];
  readonly triggers: NonNullable<Seen["triggers"]>;
}

export const nothingDecided = (state: SessionState): Decided => ({
  state,
  inputs: [],
  events: [],
  orders: [],
  triggers: {},
});

/** What was decided with one more input; the same where it caused nothing. */
export function withDecision(decided: Decided, input: Input, decision: Decision): Decided {
  const [first] = decision.events;
  if (first === undefined) return decided;
  const { state } = decision;
  return {
    state,
    inputs: [...decided.inputs, headerOf(input, first, decided.state)],
    events: [...decided.events, ...decision.events],
    orders: [...decided.orders, ...decision.orders],
    triggers: { ...decided.triggers, ...decision.triggers },
  };
}

export const withStandingOrders = (decided: Decided): Decided => ({
  ...decided,
  orders: currentOrders(decided.state, decided.orders),
});

/** What deciding the next input sees, and in the end what the commit says was seen. */
export const seenWith = (seen: Seen, { triggers }: Pick<Decided, "triggers">): Seen =>
  Object.keys(triggers).length > 0 ? { ...seen, triggers } : seen;

export interface CommitParts {
  /** The state that the commit follows. */
  readonly before: SessionState;
  /** Hash of the commit before; empty for the first. */
  readonly previous: string;
  readonly decided: Decided;
  readonly seen: Seen;
}

/**
 * The commit of what was decided, without a snapshot. The ids that leave the window are the oldest of `before`: only committed ones may
 * leave, since a marker says that its id is in the log.
 */
export function assembleCommit({ before, previous, decided, seen }: CommitParts): Commit {
  const { state: after, inputs, events, orders } = decided;
  const dispatches = orders.map((order): Directive => ({ type: "dispatch", order }));
  const timers = events.flatMap((event): Directive[] =>
    event.type === "DeadlineArmed" ? [{ type: "arm-deadline", at: event.data.at }] : [],
  );
  const window = seen.limits?.idWindow ?? DEFAULT_LIMITS.idWindow;
  return {
    schemaVersion: formOf(after),
    tenant: before.tenant,
    session: before.session,
    first: before.sequence + 1,
    last: after.sequence,
    previous,
    inputs,
    events,
    directives: [...dispatches, ...timers],
    seen: seenWith(seen, decided),
    evicted: Math.max(0, Math.min(after.ids.length - window, before.ids.length)),
  };
}

/** `state` is the one that the input was decided on. */
function headerOf(input: Input, { sequence: first }: RecordedEvent, state: SessionState): CommittedInput {
  const { kind } = input;
  if (isIdentified(input)) {
    const { source, id, correlation, traceparent } = input;
    return { kind, source, id, first, correlation, ...(traceparent !== undefined && { traceparent }) };
  }
  if (input.kind === "deadline")
    return { kind, source: "deadline", id: String(input.at), first, correlation: "" };
  const task = state.tasks[input.task];
  const run = task === undefined ? undefined : state.runs[task.run];
  return {
    kind,
    source: task?.agent ?? "agent",
    id: `${input.task}/${input.attempt}`,
    first,
    correlation: run?.correlation ?? "",
    ...(run?.traceparent !== undefined && { traceparent: run.traceparent }),
  };
}
