import type { Digest } from "#ports/secrets.ts";
import type { StoredCommit } from "#ports/session-log.ts";

/** How a version of the engine writes and reads commits. A hash is always that of the stored bytes. */
export interface Words {
  readonly digest: Digest;
  write(commit: StoredCommit): StoredCommit;
  read(stored: StoredCommit): StoredCommit;
}

/** The words of a version that knows no other; `unknown` is told when it is handed some that it does not know. */
export const plainWords = (digest: Digest, unknown: () => void = () => undefined): Words => ({
  digest,
  write: (commit) => commit,
  read: (stored) => {
    if (stored.text.includes(RENAMED)) unknown();
    return stored;
  },
});

const KNOWN = '"type":"AttemptDispatched"';
const RENAMED = '"type":"AttemptSent"';

/** A version whose events of one type have another name in the log: one that does not know it must not guess. */
export class NewWords implements Words {
  readonly digest: Digest;
  readonly #stored = new Map<string, string>();
  readonly #read = new WeakMap<StoredCommit, StoredCommit>();

  constructor(digest: Digest) {
    this.digest = { ...digest, sha256: (text) => digest.sha256(this.#stored.get(text) ?? text) };
  }

  write(commit: StoredCommit): StoredCommit {
    return { ...commit, text: commit.text.replaceAll(KNOWN, RENAMED) };
  }

  read(stored: StoredCommit): StoredCommit {
    if (!stored.text.includes(RENAMED)) return stored;
    const known = this.#read.get(stored);
    if (known !== undefined) return known;
    const text = stored.text.replaceAll(RENAMED, KNOWN);
    const read = Object.freeze({ ...stored, text });
    this.#stored.set(text, stored.text);
    this.#read.set(stored, read);
    return read;
  }
}
