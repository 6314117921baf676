import { parseSessionKey, type SessionKey } from "#core/ids.ts";
import type { Scorer } from "#core/scoring/scorer.ts";
import type { SessionAdvanced } from "#core/session/task-messages.ts";
import type { Clock } from "#ports/clock.ts";
import type { Scores } from "#ports/scores.ts";
import type { SessionLog } from "#ports/session-log.ts";
import { createScoring, type ScorePublished } from "#runtime/scoring/create-scoring.ts";

export interface InProcessSubscriptionsOptions {
  readonly log: SessionLog;
  readonly scores: Scores;
  readonly clock: Clock;
  readonly scorers?: readonly Scorer[];
  readonly onAdvance?: (advance: SessionAdvanced) => void;
  readonly onTrouble?: (error: unknown, what: string) => void;
  /** Work that idling waits for. */
  readonly track: <T>(work: Promise<T>) => Promise<T>;
}

/** Who is told of every commit, in order. */
export interface InProcessSubscriptions {
  readonly names: readonly string[];
  deliver(name: string, advance: SessionAdvanced): Promise<void>;
  /** From now on these score. */
  exchange(scorers: readonly Scorer[]): void;
  /** Lets nobody wait for scores that are under way. */
  stop(): void;
}

const ON_ADVANCE = "onAdvance";
const SCORERS = "scorers";
/** As long as the function of a spine's scorers lets them. */
const SCORING_MS = 58_000;
/** As often as a queue hands out a message. */
const MOST_TRIES = 5;

/** The ordered subscriptions of a spine in one process: the relay waits for `onAdvance`, and for no scorer. */
export function createInProcessSubscriptions(options: InProcessSubscriptionsOptions): InProcessSubscriptions {
  const { log, scores, clock, onAdvance, onTrouble, track } = options;
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const scoringBy = (scorers: readonly Scorer[]): ScorePublished | undefined =>
    scorers.length === 0 ? undefined : createScoring(scorers, { log, scores, clock, known: scores });
  let scoring = scoringBy(options.scorers ?? []);

  const score = async (key: SessionKey, advance: SessionAdvanced): Promise<void> => {
    try {
      for (let tries = 1; scoring !== undefined; tries += 1) {
        const troubles = await scoring(key, advance, clock.now() + SCORING_MS);
        if (troubles.length > 0 && tries < MOST_TRIES) continue;
        for (const trouble of troubles) onTrouble?.(trouble, "scoring a reply");
        return;
      }
    } catch (error) {
      onTrouble?.(error, "scoring a reply");
    }
  };

  return {
    get names() {
      return [...(onAdvance === undefined ? [] : [ON_ADVANCE]), ...(scoring === undefined ? [] : [SCORERS])];
    },
    deliver(name, advance) {
      if (name === ON_ADVANCE) onAdvance?.(advance);
      else void track(Promise.race([score(parseSessionKey(advance), advance), stopped]));
      return Promise.resolve();
    },
    exchange(scorers) {
      scoring = scoringBy(scorers);
    },
    stop: () => stop(),
  };
}
