import type { Problem, SpineError } from "#core/errors.ts";
import {
  nothingDecided,
  seenWith,
  withDecision,
  withCurrentOrders,
  type Decided,
} from "#core/session/assemble-commit.ts";
import { decide, quarantine, type Decision } from "#core/session/decide.ts";
import type { FlowBook } from "#core/session/decide/draft.ts";
import type { Verdict } from "#core/session/decide/verdict.ts";
import { isIdentified, type Input } from "#core/session/input.ts";
import type { Seen } from "#core/session/seen.ts";
import type { SessionState } from "#core/session/state.ts";
import type { TaskMessage } from "#core/session/task-messages.ts";
import { checkAnswer } from "./check-answer.ts";
import { checkClaim } from "./check-claim.ts";
import { checkPerson } from "./check-person.ts";
import { checkSignal } from "./check-signal.ts";
import { findDuplicate } from "./duplicates.ts";
import type { Engine } from "./engine.ts";
import { isRetryable } from "./retryable.ts";

export interface Outcome {
  readonly verdict: Verdict;
  readonly problems?: readonly Problem[];
  /** The task that is handed to the host whose answer this is. */
  readonly next?: TaskMessage;
}

/** Some inputs of one session, to be decided one after another, each on the state after the last. */
export interface BatchToDecide {
  /** The state as it was loaded. */
  readonly state: SessionState;
  readonly inputs: readonly Input[];
  /** The same inputs, before what tells their bodies apart was keyed. @default they were not keyed */
  readonly sent?: readonly Input[];
  readonly seen: Seen;
  readonly book: FlowBook;
  /** Why the inputs are recorded as ones that cannot be decided. @default they are decided */
  readonly undecidable?: SpineError | undefined;
}

export interface DecidedBatch {
  /** One an input. */
  readonly outcomes: readonly Outcome[];
  readonly decided: Decided;
}

export async function decideBatch(engine: Engine, batch: BatchToDecide): Promise<DecidedBatch> {
  const { state: loaded, inputs, sent = inputs, book } = batch;
  let decided = nothingDecided(loaded);
  const outcomes: Outcome[] = [];
  for (const [at, input] of inputs.entries()) {
    const { state } = decided;
    const duplicate = await findDuplicate(engine.log, {
      loaded,
      now: state,
      input,
      sent: hashOf(sent[at]),
    });
    if (duplicate !== undefined) {
      outcomes.push({ verdict: duplicate });
      continue;
    }
    const sight = { seen: seenWith(batch.seen, decided), book };
    const checked = await checkInput(engine, state, input, sight);
    if (checked.verdict !== undefined) {
      outcomes.push({ verdict: checked.verdict, problems: checked.problems });
      continue;
    }
    const decision = decideOrQuarantine(state, checked.input, { ...sight, undecidable: batch.undecidable });
    outcomes.push({
      verdict: decision.verdict,
      ...(checked.problems.length > 0 && { problems: checked.problems }),
    });
    decided = withDecision(decided, input, decision);
  }
  return { outcomes, decided: withCurrentOrders(decided) };
}

const hashOf = (input: Input | undefined): string | undefined =>
  input !== undefined && isIdentified(input) ? input.hash : undefined;

/** What came of holding an input against the schemas of the application: it may be changed, or refused with a verdict. */
interface CheckedInput {
  readonly input: Input;
  readonly problems: readonly Problem[];
  readonly verdict?: Verdict;
}

type Sight = Pick<BatchToDecide, "seen" | "book" | "undecidable">;

async function checkInput(
  { application }: Engine,
  state: SessionState,
  input: Input,
  { seen, book }: Sight,
): Promise<CheckedInput> {
  if (input.kind === "answer") return checkAnswer(application, state, input);
  if (input.kind === "human") return checkPerson(application, state, input, { seen, book });
  if (input.kind === "signal") return checkSignal(application, state, input, { seen, book });
  const verdict = input.kind === "claim" ? checkClaim(state, input, seen, book) : undefined;
  if (verdict !== undefined) return { input, problems: [], verdict };
  return { input, problems: [] };
}

/** Deciding is pure: what throws once throws always, unless it is the infrastructure that failed. */
function decideOrQuarantine(state: SessionState, input: Input, { seen, book, undecidable }: Sight): Decision {
  try {
    if (undecidable !== undefined) throw undecidable;
    return decide(state, input, seen, book);
  } catch (error) {
    // No session begins with a fork that cannot be.
    if (isRetryable(error) || input.kind === "fork") throw error;
    return quarantine({ state, input, error, seen, book });
  }
}
