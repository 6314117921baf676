import type { Application } from "#core/flow/application.ts";
import { SCHEMA_VERSION } from "#core/session/commit.ts";
import type { Limits } from "#core/session/limits.ts";
import type { Digest } from "#ports/secrets.ts";
import type { StoredCommit } from "#ports/session-log.ts";
import type { PreparedCase } from "./cases.ts";
import { between, chance } from "#memory/seeded-chance.ts";
import { START } from "./sim-names.ts";
import { NewWords, plainWords, type Words } from "./new-words.ts";
import type { Scenario } from "./scenario.ts";
import type { Ground, Worker } from "./worker.ts";

/** A version of the engine: what one deployed function may do otherwise than another. */
export interface EngineVersion {
  /** The same for functions of the same version. */
  readonly name: string;
  readonly application: Application;
  readonly limits: Partial<Limits>;
  /** The newest form of commits that it may write; all read every form. */
  readonly form: number;
  /** What this version writes into a stored commit; an older one must read past it. */
  readonly mark: (commit: StoredCommit) => StoredCommit;
  /** How it writes and reads the log. */
  readonly words: Words;
}

/** Flows that feed themselves end here; with the default they would take most of the simulator's time. */
export const MOST_HOPS = 24;
/** Decisions stop for their size now and then: flows and views here are small. */
const COMMIT_BYTES = 2_500;
/** So long old and new functions run side by side. */
const ROLLOUT_MS = 8_000;

/** Which version of the engine a worker is: deployments happen in the middle of sessions, and take their time. */
export class Releases {
  /** What can read everything that any version wrote. */
  readonly newest: Words;
  /** Commits that a version was handed and does not know all words of. */
  unknown = 0;
  readonly #old: Words;
  readonly #ground: Ground;
  readonly #subject: PreparedCase;
  readonly #idWindow: number;
  readonly #flowsAt: number;
  readonly #wordsAt: number;

  constructor(ground: Ground, subject: PreparedCase, { idWindow }: Scenario, digest: Digest) {
    this.#ground = ground;
    this.#subject = subject;
    this.#idWindow = idWindow;
    const { chaos } = ground;
    const startOf = (value: number | undefined) => (value === undefined ? Infinity : START + value);
    this.#flowsAt = startOf(chaos.at("release of flows", ["flow-deployed"])?.value);
    this.#wordsAt = startOf(chaos.at("release of words", ["log-words-renamed"])?.value);
    this.#old = plainWords(digest, () => void (this.unknown += 1));
    this.newest = this.#wordsAt === Infinity ? this.#old : new NewWords(digest);
  }

  of(worker: Worker): EngineVersion {
    const other = this.#ground.chaos.at(`${worker.name} engine`, ["other-engine"]) !== undefined;
    const newFlows = this.#hasCome(worker, this.#flowsAt);
    const words = this.#hasCome(worker, this.#wordsAt) ? this.newest : this.#old;
    return {
      name: `${other ? "other" : "usual"}${newFlows ? ", new flows" : ""}${words === this.#old ? "" : ", new words"}`,
      application: newFlows ? this.#subject.next() : this.#subject.application,
      limits: other
        ? { idWindow: this.#idWindow + 1, heldMs: 7_000, hops: MOST_HOPS - 5 }
        : { idWindow: this.#idWindow, heldMs: 4_000, hops: MOST_HOPS, commitBytes: COMMIT_BYTES },
      form: other ? between(this.#ground.seed, `${worker.name} form`, 1, SCHEMA_VERSION - 1) : SCHEMA_VERSION,
      mark: other ? withMinorField : (commit) => commit,
      words,
    };
  }

  #hasCome(worker: Worker, at: number): boolean {
    const { seed, scheduler } = this.#ground;
    if (scheduler.now < at) return false;
    return scheduler.now >= at + ROLLOUT_MS || chance(seed, `${worker.name} is new`) < 0.5;
  }
}

/** A newer minor version: it writes a field that the other does not know. */
const withMinorField = (commit: StoredCommit): StoredCommit => ({
  ...commit,
  text: `${commit.text.slice(0, -1)},"minor":{"version":2}}`,
});
