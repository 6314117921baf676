import type { StoredCommit } from "#ports/session-log.ts";

/** One session's commits, ordered by their first sequence. */
export class CommitRow {
  readonly #commits: StoredCommit[] = [];

  get size(): number {
    return this.#commits.length;
  }

  /** Stores a commit where nothing stands at its `first`; answers whether it did. */
  insert(commit: StoredCommit): boolean {
    const place = this.#startingAfter(commit.first);
    if (this.#commits[place - 1]?.first === commit.first) return false;
    if (place === this.#commits.length) this.#commits.push(commit);
    else this.#commits.splice(place, 0, commit);
    return true;
  }

  remove(first: number): void {
    const place = this.#startingAfter(first) - 1;
    if (this.#commits[place]?.first === first) this.#commits.splice(place, 1);
  }

  tail(): readonly StoredCommit[] {
    return this.#backToSnapshot(this.#commits.length);
  }

  upTo(sequence: number): readonly StoredCommit[] {
    return this.#backToSnapshot(this.#startingAfter(sequence));
  }

  after(sequence: number, limit: number): readonly StoredCommit[] {
    const from = this.#startingAfter(sequence);
    return this.#commits.slice(from, from + limit);
  }

  #backToSnapshot(end: number): readonly StoredCommit[] {
    let from = end - 1;
    while (from > 0 && this.#commits[from]?.snapshot !== true) from -= 1;
    return this.#commits.slice(Math.max(from, 0), end);
  }

  /** The place of the first commit that starts after `sequence`. */
  #startingAfter(sequence: number): number {
    let low = 0;
    let high = this.#commits.length;
    const newest = this.#commits[high - 1];
    if (newest === undefined || newest.first <= sequence) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      const commit = this.#commits[middle];
      if (commit !== undefined && commit.first <= sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
