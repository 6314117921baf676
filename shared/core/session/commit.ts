import type { SessionId, TenantId } from "../ids.ts";
import type { Directive } from "./directives.ts";
import type { RecordedEvent } from "./events.ts";
import type { Seen } from "./seen.ts";
import type { SessionState } from "./state.ts";

/**
 * The newest form of a commit. A reader gives back what meets a newer one (`log.other-version`) and takes an older one as it is. In form 2
 * every run has a sheet; in form 3 flows stand apart, and commits name them; in form 4 sessions are forked.
 */
export const SCHEMA_VERSION = 4;

/** The form that every version reads. */
export const OLDEST_FORM = 1;

/** The form that a commit needs whose state is this one: what reads less must not fold it, nor what comes after it. */
export const formOf = ({ form = 1 }: Pick<SessionState, "form">): number => form;

/** One input of a commit: what its events have in common. */
export interface CommittedInput {
  readonly kind: string;
  readonly source: string;
  readonly id: string;
  /** Sequence of the first event it caused. */
  readonly first: number;
  readonly correlation: string;
  readonly traceparent?: string;
}

export interface StoredBlob {
  readonly blob: string;
}

/** The atomic append of everything that one or more inputs caused. */
export interface Commit {
  readonly schemaVersion: number;
  readonly tenant: TenantId;
  readonly session: SessionId;
  readonly first: number;
  readonly last: number;
  /** Hash of the commit before; empty for the first. */
  readonly previous: string;
  readonly inputs: readonly CommittedInput[];
  readonly events: readonly RecordedEvent[];
  readonly directives: readonly Directive[];
  readonly seen: Seen;
  /** How many of the oldest ids left the window; their markers were written before this commit. */
  readonly evicted: number;
  /** The state after this commit, or where it is stored. */
  readonly snapshot?: SessionState | StoredBlob;
}
