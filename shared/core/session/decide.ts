import { assertNever, isSpineError, messageOf, SpineError } from "../errors.ts";
import { utf8Length, type Json } from "../json.ts";
import { itemTasksOf } from "../flow/demand.ts";
import { pathCount } from "../context/versions.ts";
import { decideAnswer, decideClaim, decideCommand, decideLetter, decideUnusable } from "./decide/answers.ts";
import { armNext, timeOut, timeOutRuns } from "./decide/deadlines.ts";
import { hasDeadlineWork } from "./decide/due.ts";
import { emit, flowOf, startDraft, type Draft, type FlowBook } from "./decide/draft.ts";
import { decideEvent, decideHuman } from "./decide/event-inputs.ts";
import { decideFork } from "./decide/fork.ts";
import { giveUp } from "./decide/give-up.ts";
import { dropKept } from "./decide/kept.ts";
import { advanceRuns } from "./decide/runs.ts";
import { decideSignal } from "./decide/signal.ts";
import type { Verdict } from "./decide/verdict.ts";
import type { RecordedEvent } from "./events.ts";
import { isIdentified, type AnswerInput, type Failure, type IdentifiedInput, type Input } from "./input.ts";
import type { TaskOrder } from "./task-messages.ts";
import type { Seen } from "./seen.ts";
import { SHEET_FORM } from "./sheet.ts";
import { isLive, liveRuns, type SessionState } from "./state.ts";

/** What one input causes: facts, dispatches, the state after them, and the answer to whoever brought the input. */
export interface Decision {
  readonly verdict: Verdict;
  readonly events: readonly RecordedEvent[];
  readonly orders: readonly TaskOrder[];
  readonly state: SessionState;
  /** Event type to hashes of the flows it may start, as far as this decision asked. */
  readonly triggers: Readonly<Record<string, readonly string[]>>;
}

/**
 * Decides one input on one state. Pure: the same state, input, `seen` and flows give the same decision.
 * The caller has looked the input's id up: an input that was committed before is not decided again.
 */
export function decide(state: SessionState, input: Input, seen: Seen, book: FlowBook): Decision {
  const draft = startDraft(state, seen, book);
  const verdict = decideInput(draft, input);
  if (draft.events.length > 0) advance(draft, state);
  return decisionOf(draft, verdict);
}

/** Whatever follows from an input, and from the time. */
function advance(draft: Draft, before: SessionState): void {
  if (before.unfinished) emit(draft, "DecisionResumed", { afterMs: draft.now - before.time });
  timeOut(draft);
  do advanceRuns(draft);
  while (
    // What stopped has not had its turn yet.
    !draft.stopped &&
    timeOutRuns(draft)
  );
  dropKept(draft);
  if (draft.stopped) emit(draft, "DecisionStopped", {});
  armNext(draft, before);
  checkContext(draft, before);
}

const decisionOf = ({ events, orders, state, triggers }: Draft, verdict: Verdict): Decision => ({
  verdict,
  events,
  orders,
  state,
  triggers,
});

function decideInput(draft: Draft, input: Input): Verdict {
  switch (input.kind) {
    case "event":
      return decideEvent(draft, input);
    case "human":
      return decideHuman(draft, input);
    case "command":
      return decideCommand(draft, input);
    case "fork":
      return decideFork(draft, input);
    case "signal":
      return decideSignal(draft, input);
    case "letter":
      return decideLetter(draft, input);
    case "answer":
      return decideAnswer(draft, input);
    case "claim":
      return decideClaim(draft, input);
    case "deadline":
      if (!hasDeadlineWork(draft.state, input.at, draft.now)) return { type: "nothing", because: "not-due" };
      emit(draft, "DeadlinePassed", { at: input.at });
      return { type: "committed", sequence: draft.state.sequence };
    default:
      return assertNever(input, "input");
  }
}

/**
 * The context has bounds, so that a view always fits a message or a blob and a state always fits a snapshot. What waits
 * counts as if it had its turn already: its start must not be what fails.
 */
function checkContext(draft: Draft, before: SessionState): void {
  const { state } = draft;
  if (
    state.context === before.context &&
    state.runs === before.runs &&
    state.ordinals === before.ordinals &&
    state.kept === before.kept
  )
    return;
  const { contextBytes } = draft.limits;
  const bytes = bytesOf(state.context) + waitingBytes(state);
  if (bytes > contextBytes) throw tooLarge("context.too-large", "bytes", bytes, contextBytes);
  const paths = pathCount(draft.state.versions);
  if (paths <= draft.limits.contextPaths) return;
  const most = mostPaths(draft);
  if (paths > most) throw tooLarge("context.too-many-paths", "versioned paths", paths, most);
}

/** A run's maps may have a path for each slot of theirs beside all others. */
function mostPaths(draft: Draft): number {
  const own = liveRuns(draft.state).map(({ flow, sheet }) =>
    sheet === undefined ? 0 : itemTasksOf(flowOf(draft, flow).plan),
  );
  return own.reduce((sum, paths) => sum + paths, draft.limits.contextPaths);
}

const bytesOf = (value: unknown): number => utf8Length(JSON.stringify(value));

/** A run keeps its input beside the context, which shows the newest one. */
function waitingBytes(state: SessionState): number {
  let bytes = 0;
  for (const run of Object.values(state.runs)) {
    bytes += isLive(run) ? 0 : 2 * bytesOf(run.input) + bytesOf([run.session, run.constraints]);
  }
  for (const { held } of Object.values(state.ordinals)) {
    for (const { input } of Object.values(held))
      bytes += 2 * bytesOf(input.data) + bytesOf([input.session, input.constraints]);
  }
  for (const { data } of state.kept ?? []) bytes += bytesOf(data);
  return bytes;
}

function tooLarge(
  code: "context.too-large" | "context.too-many-paths",
  what: string,
  is: number,
  most: number,
): SpineError {
  return new SpineError(
    code,
    `The context would have ${is} ${what}; at most ${most} are allowed. Keep large values in a store of your own and put a reference here.`,
  );
}

/** An input that cannot be decided, and why. */
export interface Undecidable<Kind extends Input> {
  readonly state: SessionState;
  readonly input: Kind;
  readonly error: unknown;
  readonly seen: Seen;
  readonly book: FlowBook;
}

/**
 * Decides an input that cannot be decided as it is: the error is a property of input and state, so trying again is no use.
 * An answer is recorded as one that the session cannot take, and its step goes on as if it had failed; anything else is recorded as unusable. What cannot be decided
 * even so ends the runs concerned, so that the session goes on without them.
 */
export function quarantine({ state, input, error, seen, book }: Undecidable<Input>): Decision {
  const failure: Failure = { code: isSpineError(error) ? error.code : "internal", message: messageOf(error) };
  if (input.kind === "answer" && input.outcome.status === "ok") {
    // Readers of form 1 do not know the fact: for them it is a failed answer.
    if ((seen.form ?? 1) < SHEET_FORM) {
      const failed: Input = { ...input, outcome: { status: "failed", error: failure, retryable: false } };
      try {
        return decide(state, failed, seen, book);
      } catch (again) {
        return quarantine({ state, input: failed, error: again, seen, book });
      }
    }
    const unusable = quarantineAnswer({ state, input, error, seen, book }, failure);
    if (unusable !== undefined) return unusable;
  }
  const draft = startDraft(state, seen, book);
  emit(draft, "InputQuarantined", {
    ...identityOf(input),
    kind: input.kind,
    input: withoutBulk(input),
    error: failure,
  });
  giveUp(draft, input, failure);
  return {
    verdict: {
      type: "refused",
      code: isSpineError(error) ? error.code : "internal",
      message: failure.message,
      retryable: false,
    },
    events: draft.events,
    orders: [],
    state: draft.state,
    triggers: {},
  };
}

/** An answer that an agent gave is no failure of the agent. Where its run cannot go on even so, the run ends with it recorded. */
function quarantineAnswer(
  { state, input, seen, book }: Undecidable<AnswerInput>,
  failure: Failure,
): Decision | undefined {
  const draft = startDraft(state, seen, book);
  try {
    const verdict = decideUnusable(draft, input, failure);
    if (verdict === undefined) return undefined;
    advance(draft, state);
    return decisionOf(draft, verdict);
  } catch (error) {
    if (isSpineError(error, "log.corrupt") || isSpineError(error, "internal")) return undefined;
    const ending = startDraft(state, seen, book);
    const verdict = decideUnusable(ending, input, failure);
    giveUp(ending, input, failure);
    return verdict === undefined ? undefined : { ...decisionOf(ending, verdict), orders: [] };
  }
}

function identityOf(input: Input): Pick<IdentifiedInput, "source" | "id" | "hash"> {
  if (isIdentified(input)) return { source: input.source, id: input.id, hash: input.hash };
  const id = input.kind === "deadline" ? String(input.at) : `${input.task}/${input.attempt}`;
  return { source: `spine:${input.kind}`, id, hash: "" };
}

/** What of an unusable input is kept in the log: all of it, unless it is what made the commit too large. */
function withoutBulk(input: Input): Json {
  const text = JSON.stringify(input);
  // An input is plain JSON by its schema; the type only lacks the index signature.
  return text.length <= MAX_QUARANTINED
    ? (JSON.parse(text) as Json)
    : { omitted: `${text.length} characters` };
}

const MAX_QUARANTINED = 32_000;

/** Dispatches that the final state of a commit still wants: what a later input of it cancelled is not performed. */
export function currentOrders(state: SessionState, orders: readonly TaskOrder[]): readonly TaskOrder[] {
  return orders.filter(({ task, attempt }) => {
    const now = state.tasks[task];
    return now?.attempt === attempt && now.phase.name === "dispatched";
  });
}
