import { messageOf } from "../errors.ts";
import type { HashedFlow } from "../flow/plan.ts";
import { sameJson, type Json } from "../json.ts";
import { decide, currentOrders } from "./decide.ts";
import type { FlowBook } from "./decide/draft.ts";
import type { Commit, CommittedInput } from "./commit.ts";
import { eventsByInput } from "./envelope.ts";
import type { RecordedEvent } from "./events.ts";
import { evolve, foldCommit } from "./evolve.ts";
import { flowsApart, flowsWithin } from "./stored-flows.ts";
import type { Input } from "./input.ts";
import { initialState, type SessionState } from "./state.ts";

/** Where a log, decided again from its own content, differs from what it says. */
export interface ReplayDifference {
  readonly sequence: number;
  readonly problem: string;
}

/**
 * Decides a whole log again from nothing but the log and the flows that it names in its library, and reports the first difference: an event, a dispatch or an id
 * that did not follow from state, input and `seen`.
 */
export function verifyReplay(
  commits: readonly Commit[],
  library: Pick<FlowBook, "byHash"> = { byHash: () => undefined },
): ReplayDifference | undefined {
  const flows = new Map<string, HashedFlow>();
  const book: FlowBook = { byTrigger: () => [], byHash: (hash) => flows.get(hash) };
  const [start] = commits;
  if (start === undefined) return undefined;
  let state = initialState(start.tenant, start.session);
  for (const commit of commits) {
    for (const flow of flowsWithin(commit)) flows.set(flow.hash, flow);
    for (const hash of flowsApart(commit)) {
      const flow = library.byHash(hash);
      if (flow === undefined)
        return { sequence: commit.first, problem: `its flow ${hash} is not in the library` };
      flows.set(hash, flow);
    }
    try {
      const difference = verifyCommit(state, commit, book);
      if (difference !== undefined) return difference;
      state = foldCommit(state, commit);
    } catch (error) {
      return { sequence: commit.first, problem: `it cannot be decided again: ${messageOf(error)}` };
    }
    if (!isSnapshotOf(state, commit.snapshot))
      return { sequence: commit.last, problem: "its snapshot is not the fold of the log" };
  }
  return undefined;
}

/** A snapshot that is stored elsewhere is not looked at. */
function isSnapshotOf(state: SessionState, snapshot: Commit["snapshot"]): boolean {
  return snapshot === undefined || "blob" in snapshot || sameStored(state, snapshot);
}

function verifyCommit(before: SessionState, commit: Commit, book: FlowBook): ReplayDifference | undefined {
  let state = before;
  const orders = [];
  for (const { input: cause, events: recorded } of eventsByInput(commit)) {
    const [first] = recorded;
    if (first === undefined) return { sequence: cause.first, problem: "an input caused no event" };
    const input = inputOf(first, cause);
    if (input === undefined) {
      if (first.type !== "InputQuarantined" && first.type !== "AnswerUnusable")
        return { sequence: first.sequence, problem: `${first.type} carries no input` };
      state = recorded.reduce(evolve, state);
      continue;
    }
    const decision = decide(state, input, commit.seen, book);
    const difference = compare(recorded, decision.events);
    if (difference !== undefined) return difference;
    orders.push(...decision.orders);
    state = decision.state;
  }
  const dispatched = commit.directives.flatMap((d) =>
    d.type === "dispatch" ? [`${d.order.task}/${d.order.attempt}`] : [],
  );
  const expected = currentOrders(state, orders).map(({ task, attempt }) => `${task}/${attempt}`);
  return sameJson(dispatched, expected)
    ? undefined
    : {
        sequence: commit.first,
        problem: `it dispatches ${dispatched.join(", ")} instead of ${expected.join(", ")}`,
      };
}

function compare(
  recorded: readonly RecordedEvent[],
  decided: readonly RecordedEvent[],
): ReplayDifference | undefined {
  for (const [index, event] of recorded.entries()) {
    const again = decided[index];
    // Events are plain JSON by their types; interfaces only lack the index signature.
    if (again === undefined || again.type !== event.type || !sameStored(event.data, again.data)) {
      return { sequence: event.sequence, problem: `${event.type} is decided as ${again?.type ?? "nothing"}` };
    }
  }
  return decided.length > recorded.length
    ? { sequence: recorded.at(-1)?.sequence ?? 0, problem: "more is decided than was recorded" }
    : undefined;
}

/** Compares what would be stored. Deciding again mostly gives the very same text. */
function sameStored(a: unknown, b: unknown): boolean {
  const [one, other] = [JSON.stringify(a), JSON.stringify(b)];
  return one === other || sameJson(JSON.parse(one) as Json, JSON.parse(other) as Json);
}

/** The input that a first event carries; none for a quarantined one. */
export function inputOf(first: RecordedEvent, cause: CommittedInput): Input | undefined {
  switch (first.type) {
    case "InputAccepted":
    case "InputHeld":
    case "HumanAnswered":
    case "DoubtSettled":
    case "TaskSignalled":
    case "SignalIgnored":
      return first.data.input;
    case "CommandGiven":
      return {
        kind: "command",
        ...first.data,
        ...(cause.traceparent !== undefined && { traceparent: cause.traceparent }),
      };
    case "DeadLetterRecorded":
      return first.data.letter;
    case "SessionForked":
      return {
        kind: "fork",
        ...first.data,
        ...(cause.traceparent !== undefined && { traceparent: cause.traceparent }),
      };
    case "DeadlinePassed":
      return { kind: "deadline", at: first.data.at };
    case "AnswerApplied":
    case "AnswerStale": {
      const { task, attempt, result, usage, acceptedAt } = first.data;
      const confidence = "confidence" in first.data ? first.data.confidence : undefined;
      return {
        kind: "answer",
        task,
        attempt,
        outcome: {
          status: "ok",
          result,
          ...(confidence !== undefined && { confidence }),
          ...(usage !== undefined && { usage }),
        },
        ...(acceptedAt !== undefined && { acceptedAt }),
      };
    }
    case "AnswerLate":
      return {
        kind: "answer",
        task: first.data.task,
        attempt: first.data.attempt,
        outcome: first.data.outcome,
      };
    case "AttemptFailed": {
      const { task, attempt, held: _, acceptedAt, ...outcome } = first.data;
      const accepted = acceptedAt === undefined ? {} : { acceptedAt };
      return { kind: "answer", task, attempt, outcome: { status: "failed", ...outcome }, ...accepted };
    }
    case "EffectClaimed":
    case "ClaimRefused":
      return {
        kind: "claim",
        task: first.data.task,
        attempt: first.data.attempt,
        execution: first.data.execution,
      };
    default:
      return undefined;
  }
}
