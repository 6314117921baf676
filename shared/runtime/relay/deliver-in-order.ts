import { isSpineError } from "#core/errors.ts";
import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import type { SessionAdvanced } from "#core/session/task-messages.ts";
import type { DeliveryProgress, OrderedSubscriptions } from "#ports/publish.ts";
import type { SessionLog } from "#ports/session-log.ts";
import { advanceOf } from "../session/advance-of.ts";
import type { Engine } from "../session/engine.ts";
import type { WholeCommit } from "../session/known-flows.ts";
import { isRetryable } from "../session/retryable.ts";
import { timeIsUp, type Budget } from "./budget.ts";
import { readCommit } from "../session/read-commit.ts";

export interface DeliveryPorts {
  readonly subscriptions: OrderedSubscriptions;
  readonly progress: DeliveryProgress;
  /** The log as it is stored: what is sealed in it is delivered sealed. */
  readonly log: Pick<SessionLog, "readAfter" | "readings">;
}

/** A commit on its way to the subscribers. */
export interface Due {
  readonly advance: SessionAdvanced;
  /** Also where a subscriber has had it. */
  readonly again: boolean;
}

export interface DeliveryBudgets {
  /** For reading and sending. */
  readonly outside: Budget;
  /** For keeping how far it went, which comes last. */
  readonly whole: Budget;
}

/** Commits that are read at once where some are missing, and after which it is kept how far a subscription has got. */
const PAGE = 16;

/**
 * Gives ordered subscriptions the commits of one session, in the order of its sequence whatever order they come in: the
 * stream keeps that of an item only, and what failed comes again late. What is missing before a commit is read from the log,
 * where it must be; what a subscriber has had is left out. Subscriptions go side by side, so that none waits for another.
 * Gives back the commits that some subscription has not got; never throws.
 */
export async function deliverInOrder(
  engine: Pick<Engine, "digest" | "onTrouble"> & { readonly whole: WholeCommit },
  ports: DeliveryPorts,
  key: SessionKey,
  dues: readonly Due[],
  { outside, whole }: DeliveryBudgets,
): Promise<readonly SessionAdvanced[]> {
  const { subscriptions, progress } = ports;
  const trouble = (error: unknown, what: string): void =>
    engine.onTrouble?.(error, `${what} of ${sessionKeyText(key)}`);
  const sorted = dues.toSorted((a, b) => a.advance.first - b.advance.first);
  const kept = new Map<string, number>();
  try {
    for (const [name, reached] of await outside.within(progress.reached(key))) kept.set(name, reached);
  } catch (error) {
    trouble(error, "reading the delivery progress");
    return dues.map(({ advance }) => advance);
  }
  const ways = subscriptions.names.map((name) => new Way(name, kept.get(name) ?? 0));
  await Promise.all(
    ways.map(async (way) => {
      try {
        await way.deliver(sorted, { missingBefore, send, keep: () => keep([way]) });
      } catch (error) {
        trouble(error, `delivering to "${way.name}" the commits`);
      }
    }),
  );
  await keep(ways);
  return sorted.map(({ advance }) => advance).filter((advance) => ways.some(({ got }) => !got.has(advance)));

  async function keep(some: readonly Way[]): Promise<void> {
    const further = some.filter(({ name, reached }) => reached > (kept.get(name) ?? 0));
    if (further.length === 0) return;
    const reached = new Map(further.map((way) => [way.name, way.reached]));
    try {
      await whole.within(progress.advance(key, reached));
      for (const [name, sequence] of reached) kept.set(name, sequence);
    } catch (error) {
      // What was sent is sent once more with the next commit: that is harmless.
      trouble(error, "storing the delivery progress");
    }
  }

  /** False where the queue refuses it for good: no reason to hold back what comes after it, as its letter tells of it. */
  async function send(name: string, advance: SessionAdvanced): Promise<boolean> {
    if (outside.spent) throw timeIsUp();
    try {
      await outside.within(subscriptions.deliver(name, advance));
      return true;
    } catch (error) {
      if (isRetryable(error)) throw error;
      trouble(error, `delivering to "${name}" commit ${advance.first}`);
      return false;
    }
  }

  async function* missingBefore(first: number, reached: number): AsyncGenerator<SessionAdvanced> {
    for (let after = reached; after < first - 1;) {
      const page = await outside.within(ports.log.readAfter(key, after, PAGE));
      for (const stored of page) {
        if (stored.first >= first) return;
        try {
          const commit = readCommit(ports.log, key, stored);
          yield advanceOf(engine, await outside.within(engine.whole(commit)), stored.text);
        } catch (error) {
          // Retention has removed what was missed: nobody can give it any more.
          if (isSpineError(error, "session.expired")) return;
          if (!isSpineError(error, "log.corrupt")) throw error;
          trouble(error, `skipping commit ${stored.first}`);
        }
      }
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.last;
    }
  }
}

interface WayPorts {
  missingBefore(first: number, reached: number): AsyncIterable<SessionAdvanced>;
  send(name: string, advance: SessionAdvanced): Promise<boolean>;
  keep(): Promise<void>;
}

/** One subscription's way through the commits of a session. */
class Way {
  readonly name: string;
  /** Up to here it has got all that can be given. */
  reached: number;
  readonly got = new Set<SessionAdvanced>();

  constructor(name: string, reached: number) {
    this.name = name;
    this.reached = reached;
  }

  /**
   * One after another, and one message of a session a request: of a batch SQS may take the later and refuse the earlier.
   * Ends at the first that may go well later.
   */
  async deliver(sorted: readonly Due[], { missingBefore, send, keep }: WayPorts): Promise<void> {
    for (const { advance, again } of sorted) {
      if (advance.last <= this.reached && !again) {
        this.got.add(advance);
        continue;
      }
      let more = 0;
      for await (const earlier of missingBefore(advance.first, this.reached)) {
        await send(this.name, earlier);
        this.reached = earlier.last;
        more += 1;
        // It may be a long session: if the time ends on the way, the next try goes on from here.
        if (more % PAGE === 0) await keep();
      }
      if (await send(this.name, advance)) this.got.add(advance);
      this.reached = Math.max(this.reached, advance.last);
    }
  }
}
