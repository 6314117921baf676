import { SpineError } from "#core/errors.ts";
import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import type { Commit } from "#core/session/commit.ts";
import { stateWithin } from "#core/session/fold.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import { initialState, type SessionState } from "#core/session/state.ts";
import type { Engine } from "./engine.ts";
import { foldStored, loadSession } from "./load-session.ts";
import { readCommit } from "./read-commit.ts";

export interface SessionReader {
  /** Commits that start after a sequence, oldest first. */
  commitsAfter(key: SessionKey, sequence: number, limit?: number): Promise<readonly Commit[]>;
  /** The commit that holds an event. Throws `session.unknown` where no commit does. */
  commitAt(key: SessionKey, sequence: number): Promise<Commit>;
  /** Every commit, in order. Walks the whole log. */
  allCommits(key: SessionKey): Promise<readonly Commit[]>;
  events(key: SessionKey): Promise<readonly RecordedEvent[]>;
  /** The state right after event `sequence`, rebuilt from the log. */
  stateAt(key: SessionKey, sequence: number): Promise<SessionState>;
  current(key: SessionKey): Promise<SessionState>;
  /** The sequence of the first commit whose link to the one before does not hold; `undefined` for a whole chain. */
  brokenLink(key: SessionKey): Promise<number | undefined>;
}

const PAGE = 100;

export function createSessionReader(engine: Pick<Engine, "log" | "blobs" | "digest">): SessionReader {
  const storedAfter = (key: SessionKey, sequence: number, limit: number) =>
    engine.log.readAfter(key, sequence, limit);

  const storedAt = async (key: SessionKey, sequence: number) => {
    const stored = await engine.log.readUpTo(key, sequence);
    const last = stored.at(-1);
    if (last === undefined || sequence > last.last)
      throw new SpineError("session.unknown", `${sessionKeyText(key)} has no event ${sequence}.`);
    return last;
  };

  async function* walk(key: SessionKey) {
    for (let after = 0; ;) {
      const page = await storedAfter(key, after, PAGE);
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      after = last.last;
    }
  }

  const reader: SessionReader = {
    async commitsAfter(key, sequence, limit = PAGE) {
      return (await storedAfter(key, sequence, limit)).map((stored) => readCommit(engine.log, key, stored));
    },
    async commitAt(key, sequence) {
      return readCommit(engine.log, key, await storedAt(key, sequence));
    },
    async allCommits(key) {
      const commits: Commit[] = [];
      for await (const stored of walk(key)) commits.push(readCommit(engine.log, key, stored));
      return commits;
    },
    async events(key) {
      return (await reader.allCommits(key)).flatMap(({ events }) => events);
    },
    async stateAt(key, sequence) {
      if (sequence === 0) return initialState(key.tenant, key.session);
      const last = await storedAt(key, sequence);
      // The last one's own snapshot would hide the states inside it: fold up to it, then within.
      const before =
        last.first === 1
          ? initialState(key.tenant, key.session)
          : await foldStored(engine, key, await engine.log.readUpTo(key, last.first - 1));
      return stateWithin(before, readCommit(engine.log, key, last), sequence);
    },
    async current(key) {
      return (await loadSession(engine, key)).state;
    },
    async brokenLink(key) {
      let previous = "";
      for await (const stored of walk(key)) {
        const commit = readCommit(engine.log, key, stored);
        if (commit.previous !== previous) return commit.first;
        previous = stored.hash ?? engine.digest.sha256(stored.text);
      }
      return undefined;
    },
  };
  return reader;
}
