/** Bounds that deciding obeys. A commit records the ones that differ from these defaults. */
export interface Limits {
  /** Dispatches in one chain of causes; a self-feeding loop stops here. */
  readonly hops: number;
  /** Recent producers' ids kept in the state; older ones have markers. */
  readonly idWindow: number;
  /** Runs that may wait in a session. */
  readonly queuedRuns: number;
  /** Numbered inputs that may wait for a predecessor, per source. */
  readonly heldInputs: number;
  /** How long they wait before they run with the gap recorded, in ms. */
  readonly heldMs: number;
  /** Events that a run may have kept for its waits. */
  readonly keptEvents: number;
  /** Bytes of their data. */
  readonly keptBytes: number;
  /** Producers that may number their inputs in one session. */
  readonly orderedSources: number;
  /** Bytes of the context's text. */
  readonly contextBytes: number;
  readonly contextPaths: number;
  /**
   * What one decision causes beside its input before it stops, in characters of its events and views. What is left goes on in a
   * commit of its own.
   */
  readonly commitBytes: number;
  /** Ceilings of the deployment: no event's budget lifts them. @default none but that of hops */
  readonly tokens?: number;
  readonly money?: number;
  /** Of a run, ms. */
  readonly deadlineMs?: number;
  /** Of a session, ms from its first event; from the next one of a session that was there before. */
  readonly sessionMs?: number;
}

/** What a deployment may bound: the limits that an event may set lower. */
export type Ceilings = Partial<Pick<Limits, "hops" | "tokens" | "money" | "deadlineMs" | "sessionMs">>;

export const DEFAULT_LIMITS: Limits = {
  hops: 1_000,
  idWindow: 32,
  queuedRuns: 100,
  heldInputs: 100,
  heldMs: 30_000,
  keptEvents: 16,
  keptBytes: 64_000,
  orderedSources: 20,
  contextBytes: 1_000_000,
  contextPaths: 2_000,
  commitBytes: 200_000,
};

/** A commit's serialized size in its item, before it is compressed: under DynamoDB's 400 KB with room for keys. A larger text is stored apart. */
export const MAX_COMMIT_BYTES = 300_000;
/**
 * The largest commit, wherever it is stored: an input, what one decision causes before it stops (`commitBytes`), a step that began below
 * that bound and may fill the context, and its copy in a reply. A reader holds it in memory.
 */
export const MAX_LARGE_COMMIT_BYTES = 8_000_000;
/** A view larger than this travels as a link. */
export const MAX_INLINE_VIEW_BYTES = 48_000;
/** A snapshot larger than this is stored as a blob. */
export const MAX_INLINE_SNAPSHOT_BYTES = 100_000;
/** A shorter tail is not worth a snapshot. */
export const COMMITS_WORTH_A_SNAPSHOT = 3;
/** A reader never folds more commits than this. */
export const MAX_COMMITS_BETWEEN_SNAPSHOTS = 16;
/** A producer's event, serialized. */
export const MAX_INPUT_BYTES = 256_000;
/** An agent's answer, serialized. */
export const MAX_ANSWER_BYTES = 200_000;
