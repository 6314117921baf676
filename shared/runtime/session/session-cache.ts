import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import type { Clock } from "#ports/clock.ts";
import type { Cipher } from "#ports/secrets.ts";
import type { LoadedSession } from "./load-session.ts";

/**
 * How long a state is gone on from after its log was read, ms. Retention removes commits 20 minutes after it has ended a session
 * (`PURGE_AFTER_MS`), and no function runs for as long as what is between: by then a put after an older commit has lost its race.
 */
export const MAX_STATE_AGE_MS = 300_000;

/** Of all states that a process keeps, characters. */
const MOST_CHARACTERS = 16_000_000;

/** A session as this process left it with a commit. */
export interface CachedSession extends LoadedSession {
  /** When the log was read on which its state stands, ms. Commits of this process since then do not renew it. */
  readonly readAt: number;
  /** The session's key, if the process had it then. */
  readonly cipher: Cipher | undefined;
}

/**
 * States between the inputs of a session. What is handed out is kept no longer: whoever commits on it keeps what comes of that, and
 * a state that was of no use is gone.
 */
export interface SessionCache {
  /** Whether nobody else writes this log: what is kept is the newest then. */
  readonly soleWriter: boolean;
  take(key: SessionKey): CachedSession | undefined;
  keep(key: SessionKey, session: CachedSession): void;
}

export interface SessionCacheOptions {
  readonly clock: Pick<Clock, "now">;
  /** @default false: others commit as well */
  readonly soleWriter?: boolean;
  /** Of all states, by the texts that they were folded from. @default 16,000,000 */
  readonly mostCharacters?: number;
}

/** Keeps states until their time is over, or until newer ones need the room. */
export function createSessionCache({
  clock,
  soleWriter = false,
  mostCharacters = MOST_CHARACTERS,
}: SessionCacheOptions): SessionCache {
  // In the order in which they were kept.
  const kept = new Map<string, CachedSession>();
  let characters = 0;

  const remove = (name: string): CachedSession | undefined => {
    const session = kept.get(name);
    kept.delete(name);
    characters -= session?.size ?? 0;
    return session;
  };

  return {
    soleWriter,
    take(key) {
      const session = remove(sessionKeyText(key));
      return session !== undefined && clock.now() - session.readAt < MAX_STATE_AGE_MS ? session : undefined;
    },
    keep(key, session) {
      const name = sessionKeyText(key);
      remove(name);
      kept.set(name, session);
      characters += session.size;
      for (const oldest of kept.keys()) {
        if (characters <= mostCharacters) break;
        remove(oldest);
      }
    },
  };
}
