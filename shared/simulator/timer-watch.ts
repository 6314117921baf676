import type { Commit } from "#core/session/commit.ts";
import { nextDue } from "#core/session/decide/due.ts";
import { isIdle, type SessionState } from "#core/session/state.ts";
import type { StoredCommit } from "#ports/session-log.ts";
import type { Queues } from "#testing/in-process/in-process-queues.ts";

/** A session that stood with nothing on its way to wake it in time. */
export interface Wedge {
  readonly session: string;
  readonly problem: string;
}

/** A session's timers on their way, by their time, and the moment at which it must act by itself. */
interface Watched {
  /** Letters that somebody will bring it: recovery, or an operator who was called. */
  readonly letters: Set<string>;
  readonly ahead: Map<number, number>;
  due: number | undefined;
  sequence: number;
}

/** A letter leads to a commit whenever it comes, and a commit arms what is missing. */
const AT_ANY_TIME = -Infinity;

/**
 * Follows every timer from the commit that orders it, through the stream and the queues, to its session: after each step
 * of a run every unfinished session has one on its way that fires in time. Costs a step of a session only what it changed.
 */
export class TimerWatch {
  readonly wedges: Wedge[] = [];
  readonly #sessions = new Map<string, Watched>();
  readonly #touched = new Set<string>();
  readonly #inStream = new Map<
    StoredCommit,
    { readonly session: string; readonly times: readonly number[] }
  >();

  constructor({ sources, deadlines, inbox }: Queues) {
    for (const { duty, queue } of sources) {
      const of = duty.type === "dead-letters" ? duty.of : "";
      if (queue === deadlines || of === "deadlines")
        queue.watch((change, { body }) => this.#moved(change, readTimer(body)));
      else if (queue === inbox || of === "inbox")
        queue.watch((change, { body }) => this.#moved(change, readInput(body)));
    }
  }

  /** A commit was appended: the stream will bring its timers to the queue. */
  committed(session: string, stored: StoredCommit, commit: Commit, state: SessionState): void {
    const times = commit.directives.flatMap((order) => (order.type === "arm-deadline" ? [order.at] : []));
    const watched = this.#of(session);
    for (const at of times) count(watched.ahead, at, 1);
    if (times.length > 0) this.#inStream.set(stored, { session, times });
    watched.due = isIdle(state) ? undefined : nextDue(state);
    watched.sequence = state.sequence;
    this.#touched.add(session);
  }

  /** The relay is done with a commit: its timers lie in the queue. */
  relayed(stored: StoredCommit): void {
    const ordered = this.#inStream.get(stored);
    if (ordered === undefined) return;
    this.#inStream.delete(stored);
    for (const at of ordered.times) count(this.#of(ordered.session).ahead, at, -1);
    this.#touched.add(ordered.session);
  }

  /** A timer is outside the queues for a while. */
  hold(session: string, at: number): void {
    this.#moved("came", { session, at });
  }

  release(session: string, at: number): void {
    this.#moved("left", { session, at });
  }

  expectLetter(session: string, letter: string): void {
    this.#of(session).letters.add(letter);
  }

  letterEnded(session: string, letter: string): void {
    this.#of(session).letters.delete(letter);
    this.#touched.add(session);
  }

  /** The log begins anew: nothing of the old one comes through its stream any more. */
  forgetStream(): void {
    for (const stored of [...this.#inStream.keys()]) this.relayed(stored);
    for (const watched of this.#sessions.values()) watched.due = undefined;
  }

  /** Looks at the sessions that the last step touched. */
  check(now: number): void {
    for (const session of this.#touched) {
      const { ahead, letters, due, sequence } = this.#of(session);
      if (due === undefined || letters.size > 0 || isCovered(ahead, Math.max(due, now))) continue;
      const problem = `after ${sequence} no timer is on its way that fires by ${due}, at ${now}`;
      this.wedges.push({ session, problem });
    }
    this.#touched.clear();
  }

  #moved(change: "came" | "left", timer: Timer | undefined): void {
    if (timer === undefined) return;
    count(this.#of(timer.session).ahead, timer.at, change === "came" ? 1 : -1);
    if (change === "left") this.#touched.add(timer.session);
  }

  #of(session: string): Watched {
    let watched = this.#sessions.get(session);
    if (watched === undefined) {
      watched = { ahead: new Map(), letters: new Set(), due: undefined, sequence: 0 };
      this.#sessions.set(session, watched);
    }
    return watched;
  }
}

interface Timer {
  readonly session: string;
  readonly at: number;
}

// Our own ports wrote the bodies.
const readTimer = (body: string): Timer => JSON.parse(body) as Timer;

/** The timer in a message of the inbox, if it is one or a letter. */
function readInput(body: string): Timer | undefined {
  if (!body.includes('"kind":"deadline"') && !body.includes('"kind":"letter"')) return undefined;
  const { session, input } = JSON.parse(body) as {
    readonly session: string;
    readonly input: { readonly kind: string; readonly at: number };
  };
  if (input.kind === "letter") return { session, at: AT_ANY_TIME };
  return input.kind === "deadline" ? { session, at: input.at } : undefined;
}

function count(ahead: Map<number, number>, at: number, change: number): void {
  const now = (ahead.get(at) ?? 0) + change;
  if (now === 0) ahead.delete(at);
  else ahead.set(at, now);
}

function isCovered(ahead: ReadonlyMap<number, number>, due: number): boolean {
  for (const at of ahead.keys()) if (at <= due) return true;
  return false;
}
