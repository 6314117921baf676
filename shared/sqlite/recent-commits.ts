import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import type { StoredCommit } from "#ports/session-log.ts";

/** Of all sessions' commits, characters. */
const MOST_CHARACTERS = 16_000_000;
/** For what a session takes beside them. */
const ROW_CHARACTERS = 500;
/** Before a snapshot only these are kept, for readers that are a little behind: nobody folds them any more. */
const BEFORE_SNAPSHOT = 8;

/** A session's newest commits, oldest first, without a gap. */
interface Row {
  readonly commits: StoredCommit[];
  characters: number;
}

/**
 * The newest commits of the sessions that were last at work, as the objects that readers have had before. They are those of the file, since
 * nobody else writes it.
 */
export class RecentCommits {
  // The session that has not been written for the longest time comes first.
  readonly #rows = new Map<string, Row>();
  readonly #mostCharacters: number;
  #characters = 0;

  constructor(mostCharacters = MOST_CHARACTERS) {
    this.#mostCharacters = mostCharacters;
  }

  /** A commit is in the file. Of a session that was not read before nobody knows whether it is the newest. */
  add(key: SessionKey, commit: StoredCommit): void {
    const row = this.#take(key);
    if (row === undefined || (row.commits.at(-1)?.last ?? 0) !== commit.first - 1) return;
    if (commit.snapshot) dropOldest(row, row.commits.length - BEFORE_SNAPSHOT);
    row.commits.push(commit);
    row.characters += commit.text.length;
    this.#put(key, row);
  }

  /** Keeps what was read: the newest commits of a session, back to its newest snapshot or its beginning. */
  keep(key: SessionKey, commits: readonly StoredCommit[]): void {
    this.#take(key);
    this.#put(key, { commits: [...commits], characters: ROW_CHARACTERS + charactersOf(commits) });
  }

  forget(key: SessionKey): void {
    this.#take(key);
  }

  /** The newest commits back to a snapshot or the beginning, if they are here. */
  tail(key: SessionKey): readonly StoredCommit[] | undefined {
    const commits = this.#rows.get(sessionKeyText(key))?.commits;
    return commits?.slice(
      Math.max(
        0,
        commits.findLastIndex(({ snapshot }) => snapshot),
      ),
    );
  }

  /** The commits that start after `sequence`, if all of them are here. */
  after(key: SessionKey, sequence: number): readonly StoredCommit[] | undefined {
    const commits = this.#rows.get(sessionKeyText(key))?.commits;
    const from = commits?.[0]?.first ?? 1;
    return from <= sequence + 1 ? commits?.filter(({ first }) => first > sequence) : undefined;
  }

  #take(key: SessionKey): Row | undefined {
    const name = sessionKeyText(key);
    const row = this.#rows.get(name);
    this.#rows.delete(name);
    this.#characters -= row?.characters ?? 0;
    return row;
  }

  #put(key: SessionKey, row: Row): void {
    this.#rows.set(sessionKeyText(key), row);
    this.#characters += row.characters;
    for (const [oldest, { characters }] of this.#rows) {
      if (this.#characters <= this.#mostCharacters) break;
      this.#rows.delete(oldest);
      this.#characters -= characters;
    }
  }
}

const charactersOf = (commits: readonly StoredCommit[]): number =>
  commits.reduce((sum, { text }) => sum + text.length, 0);

function dropOldest(row: Row, count: number): void {
  if (count > 0) row.characters -= charactersOf(row.commits.splice(0, count));
}
