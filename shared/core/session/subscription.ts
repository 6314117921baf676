import { SpineError } from "../errors.ts";
import { parseSessionKey } from "../ids.ts";
import type { JsonObject } from "../json.ts";
import type { RecordedEvent } from "./events.ts";
import { foldCommit } from "./evolve.ts";
import type { SessionAdvanced } from "./task-messages.ts";
import { initialState, type SessionState } from "./state.ts";

/** One session's publications, sorted out for a subscriber that got as far as a sequence. */
export interface InOrder {
  /** What comes next: in order, each once. */
  readonly due: readonly SessionAdvanced[];
  /** What cannot be taken yet: a commit before it is missing, or it came without its events, being too large. */
  readonly ahead: readonly SessionAdvanced[];
}

/**
 * Sorts the publications of one session, which come at least once and now and then too early: the relay's second try may
 * be overtaken. What the subscriber has already, or holds twice, is dropped.
 *
 * @example
 * const { due, ahead } = inOrder(41, [advance]);
 */
export function inOrder(sequence: number, advances: readonly SessionAdvanced[]): InOrder {
  const due: SessionAdvanced[] = [];
  const ahead: SessionAdvanced[] = [];
  let next = sequence + 1;
  let known = sequence;
  for (const advance of advances.toSorted((a, b) => a.first - b.first)) {
    if (advance.last <= known) continue;
    known = advance.last;
    if (advance.first === next && advance.events.length > 0) {
      due.push(advance);
      next = advance.last + 1;
    } else ahead.push(advance);
  }
  return { due, ahead };
}

/**
 * The session's state after one more commit, from its publication alone; `undefined` stands for a session of which nothing
 * is known yet. The same state as the log's own fold. Throws `log.corrupt` for a commit that does not come next.
 *
 * @example
 * let state: SessionState | undefined;
 * for (const next of inOrder(0, [advance]).due) state = foldAdvance(state, next);
 */
export function foldAdvance(state: SessionState | undefined, advance: SessionAdvanced): SessionState {
  const { tenant, session } = parseSessionKey(advance);
  const before = state ?? initialState(tenant, session);
  if (before.tenant !== tenant || before.session !== session)
    throw new SpineError(
      "log.corrupt",
      `A commit of ${tenant}/${session} does not belong to ${before.session}.`,
    );
  const events = advance.events.map(recordedIn);
  if (events.length === 0)
    throw new SpineError("log.corrupt", `Commit ${advance.first} arrived without its events: read the log.`);
  // Of what the decision saw, the fold takes the time only.
  return foldCommit(before, { events, seen: { now: advance.time, id: "" }, evicted: advance.evicted ?? 0 });
}

function recordedIn(event: JsonObject): RecordedEvent {
  const { sequence, type, data } = event;
  // The relay made the envelope from a recorded event; an unknown type is refused when it is folded.
  return { sequence: Number(sequence), type, data } as unknown as RecordedEvent;
}
