import type { Commit } from "../commit.ts";
import type { FlowBook } from "../decide/draft.ts";
import { closeCommit, evolve } from "../evolve.ts";
import type { SessionState } from "../state.ts";
import { tellEvent, type Tale, type Telling } from "./tell-event.ts";

/** How far a session has been told. */
export interface Position {
  /** Up to the event that was told last. */
  readonly state: SessionState;
  readonly telling: Telling;
}

/** The tale of one event. */
export interface EventTale extends Tale {
  readonly sequence: number;
  /** What had been told before. */
  readonly before: Telling;
  readonly state: SessionState;
}

/**
 * Tells the events of a commit, one after the other.
 * @param from at the end of the commit before
 */
export function* tellCommit(
  from: Position,
  commit: Commit,
  book: Pick<FlowBook, "byHash">,
): Generator<EventTale, void> {
  let { state, telling } = from;
  for (const event of commit.events) {
    const endsCommit = event.sequence === commit.last;
    const evolved = evolve(state, event);
    const after = endsCommit ? closeCommit(evolved, commit) : evolved;
    const tale = tellEvent(telling, { before: state, event, after, book }, endsCommit);
    yield { ...tale, sequence: event.sequence, before: telling, state: after };
    ({ telling } = tale);
    state = after;
  }
}
