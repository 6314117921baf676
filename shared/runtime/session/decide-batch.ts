import type { Problem, SpineError } from "#core/errors.ts";
import type { SessionKey } from "#core/ids.ts";
import type { CommittedInput } from "#core/session/commit.ts";
import { decide, quarantine, currentOrders, type Decision } from "#core/session/decide.ts";
import type { FlowBook } from "#core/session/decide/draft.ts";
import type { Verdict } from "#core/session/decide/verdict.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import { isIdentified, type Input } from "#core/session/input.ts";
import type { TaskOrder } from "#core/session/task-messages.ts";
import type { Seen } from "#core/session/seen.ts";
import { isRetryable } from "./retryable.ts";
import type { SessionState } from "#core/session/state.ts";
import { checkAnswer } from "./check-answer.ts";
import { checkClaim } from "./check-claim.ts";
import { checkPerson } from "./check-person.ts";
import { findDuplicate } from "./duplicates.ts";
import type { Engine } from "./engine.ts";

export interface Outcome {
  readonly verdict: Verdict;
  readonly problems?: readonly Problem[];
}

/** Some inputs of one session, decided one after another, each on the state after the last. */
export interface Batch {
  readonly outcomes: readonly Outcome[];
  readonly inputs: readonly CommittedInput[];
  readonly events: readonly RecordedEvent[];
  readonly orders: readonly TaskOrder[];
  readonly state: SessionState;
  readonly seen: Seen;
}

/** With `undecidable`, the inputs are recorded as ones that cannot be decided, for that reason. */
export async function decideBatch(
  engine: Engine,
  key: SessionKey,
  before: SessionState,
  given: readonly Input[],
  seen: Seen,
  book: FlowBook,
  undecidable?: SpineError,
): Promise<Batch> {
  let state = before;
  const outcomes: Outcome[] = [];
  const inputs: CommittedInput[] = [];
  const events: RecordedEvent[] = [];
  const orders: TaskOrder[] = [];
  let triggers: Record<string, readonly string[]> = {};
  for (const input of given) {
    const duplicate = await findDuplicate(engine.log, key, before, state, input);
    if (duplicate !== undefined) {
      outcomes.push({ verdict: duplicate });
      continue;
    }
    const checked = await checkInput(engine, state, input, seen, book);
    if (checked.verdict !== undefined) {
      outcomes.push({ verdict: checked.verdict, problems: checked.problems });
      continue;
    }
    const decision = decideOrQuarantine(state, checked.input, { ...seen, triggers }, book, undecidable);
    outcomes.push({
      verdict: decision.verdict,
      ...(checked.problems.length > 0 && { problems: checked.problems }),
    });
    const [first] = decision.events;
    if (first === undefined) continue;
    inputs.push(headerOf(input, first, state));
    events.push(...decision.events);
    orders.push(...decision.orders);
    triggers = { ...triggers, ...decision.triggers };
    state = decision.state;
  }
  const looked = Object.keys(triggers).length > 0 ? { triggers } : {};
  return {
    outcomes,
    inputs,
    events,
    orders: currentOrders(state, orders),
    state,
    seen: { ...seen, ...looked },
  };
}

/** What came of holding an input against the schemas of the application: it may be changed, or refused with a verdict. */
interface CheckedInput {
  readonly input: Input;
  readonly problems: readonly Problem[];
  readonly verdict?: Verdict;
}

async function checkInput(
  { application }: Engine,
  state: SessionState,
  input: Input,
  seen: Seen,
  book: FlowBook,
): Promise<CheckedInput> {
  if (input.kind === "answer") return checkAnswer(application, state, input);
  if (input.kind === "human") return checkPerson(application, state, input, seen, book);
  const verdict = input.kind === "claim" ? checkClaim(state, input, seen, book) : undefined;
  if (verdict !== undefined) return { input, problems: [], verdict };
  return { input, problems: [] };
}

/** Deciding is pure: what throws once throws always, unless it is the infrastructure that failed. */
function decideOrQuarantine(
  state: SessionState,
  input: Input,
  seen: Seen,
  book: FlowBook,
  undecidable: SpineError | undefined,
): Decision {
  try {
    if (undecidable !== undefined) throw undecidable;
    return decide(state, input, seen, book);
  } catch (error) {
    if (isRetryable(error)) throw error;
    return quarantine(state, input, error, seen, book);
  }
}

function headerOf(input: Input, first: RecordedEvent, state: SessionState): CommittedInput {
  const { kind } = input;
  if (isIdentified(input)) {
    const { source, id, correlation, traceparent } = input;
    return {
      kind,
      source,
      id,
      first: first.sequence,
      correlation,
      ...(traceparent !== undefined && { traceparent }),
    };
  }
  if (input.kind === "deadline")
    return { kind, source: "deadline", id: String(input.at), first: first.sequence, correlation: "" };
  const task = state.tasks[input.task];
  const run = task === undefined ? undefined : state.runs[task.run];
  return {
    kind,
    source: task?.agent ?? "agent",
    id: `${input.task}/${input.attempt}`,
    first: first.sequence,
    correlation: run?.correlation ?? "",
    ...(run?.traceparent !== undefined && { traceparent: run.traceparent }),
  };
}
